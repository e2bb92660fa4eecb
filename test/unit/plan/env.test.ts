import { describe, expect, it } from "vitest";
import type { Container, Pod } from "../../../src/manifest/index.ts";
import { containerEnv, type EnvFacts, resourceValue } from "../../../src/plan/env.ts";

const facts: EnvFacts = {
  configMaps: [
    { metadata: { name: "cm", namespace: "default" }, data: { A: "1", B: "two" } },
    { metadata: { name: "cm", namespace: "other" }, data: { A: "elsewhere" } },
  ],
  secrets: [
    { metadata: { name: "s", namespace: "default" }, data: { KEY: Buffer.from("hush").toString("base64") } },
  ],
  uid: "u1",
  podIP: "10.85.0.2",
  hostIP: "192.0.2.1",
  nodeName: "node1",
  nodeCpuMilli: 2000n,
  nodeMemoryBytes: 1024n * 1024n * 1024n,
  nodeEphemeralBytes: 0n,
};

function env(container: Partial<Container>, pod: Partial<Pod> = {}) {
  const full = { name: "c", ...container };
  const object: Pod = {
    metadata: { name: "p", namespace: "default", labels: { app: "web" }, annotations: { "a/b": "note" } },
    spec: { containers: [full] },
    ...pod,
  };
  return Object.fromEntries(containerEnv(object, full, facts));
}

describe("containerEnv", () => {
  it("lets env win over envFrom, and a later entry over an earlier one", () => {
    const result = env({
      envFrom: [{ configMapRef: { name: "cm" } }],
      env: [
        { name: "A", value: "mine" },
        { name: "A", value: "last" },
      ],
    });
    expect(result).toEqual({ A: "last", B: "two" });
  });

  it("puts the prefix of envFrom before each key and decodes secrets", () => {
    expect(
      env({ envFrom: [{ prefix: "X_", configMapRef: { name: "cm" } }, { secretRef: { name: "s" } }] }),
    ).toEqual({
      X_A: "1",
      X_B: "two",
      KEY: "hush",
    });
  });

  it("expands $(NAME) from what was defined before, not after", () => {
    const result = env({
      env: [
        { name: "FIRST", value: "1" },
        { name: "SECOND", value: "$(FIRST)-$(THIRD)-$$(FIRST)" },
        { name: "THIRD", value: "3" },
      ],
    });
    expect(result.SECOND).toBe("1-$(THIRD)-$(FIRST)");
  });

  it.each([
    ["metadata.name", "p"],
    ["metadata.namespace", "default"],
    ["metadata.uid", "u1"],
    ["metadata.labels['app']", "web"],
    ["metadata.annotations['a/b']", "note"],
    ["metadata.labels['none']", ""],
    ["spec.nodeName", "node1"],
    ["spec.serviceAccountName", "default"],
    ["status.podIP", "10.85.0.2"],
    ["status.podIPs", "10.85.0.2"],
    ["status.hostIP", "192.0.2.1"],
  ])("fieldRef %s is %s", (fieldPath, value) => {
    expect(env({ env: [{ name: "V", valueFrom: { fieldRef: { fieldPath } } }] })).toEqual({ V: value });
  });

  it("takes a key of the same namespace only, and leaves out an optional one that is not there", () => {
    const from = (name: string, key: string, optional?: boolean) => ({
      env: [{ name: "V", valueFrom: { configMapKeyRef: { name, key, ...(optional ? { optional } : {}) } } }],
    });
    expect(env(from("cm", "A"))).toEqual({ V: "1" });
    expect(env(from("cm", "none", true))).toEqual({});
    expect(env(from("none", "A", true))).toEqual({});
    expect(() => env(from("cm", "none"))).toThrow("couldn't find key none in ConfigMap default/cm");
    expect(() => env(from("cm", "none"))).toThrow(expect.objectContaining({ hint: "its keys are: A, B" }));
    expect(() => env(from("none", "A"))).toThrow('configmap "none" not found');
  });
});

describe("resourceValue", () => {
  const resources = { limits: { cpu: "1500m", memory: "100Mi" }, requests: { cpu: "250m" } };
  it.each([
    ["limits.cpu", "0", "2"],
    ["limits.cpu", "1m", "1500"],
    ["requests.cpu", "1m", "250"],
    ["limits.memory", "0", "104857600"],
    ["limits.memory", "1Mi", "100"],
    ["limits.memory", "3Mi", "34"],
    ["requests.memory", "1", "0"],
  ])("%s in units of %s is %s, rounded up", (resource, divisor, value) => {
    expect(resourceValue(resource, divisor, resources, facts)).toBe(value);
  });

  it("an unset limit is the machine's size", () => {
    expect(resourceValue("limits.cpu", "1", {}, facts)).toBe("2");
    expect(resourceValue("limits.memory", "1Mi", {}, facts)).toBe("1024");
  });
});
