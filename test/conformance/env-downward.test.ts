import { cpus, hostname, totalmem } from "node:os";
import { expect } from "vitest";
import type { EnvVar } from "../../src/manifest/index.ts";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";
import { variablesOf } from "./support/variables.ts";

const node = kubelet();
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const amount = (name: string, resource: string, divisor?: string, containerName?: string) => ({
  name,
  valueFrom: {
    resourceFieldRef: { resource, ...(divisor && { divisor }), ...(containerName && { containerName }) },
  },
});

const told = node.ended({
  ...pod("told", [
    sh("fields", "env", {
      env: [
        field("NAME", "metadata.name"),
        field("NAMESPACE", "metadata.namespace"),
        field("UID_", "metadata.uid"),
        field("TIER", "metadata.labels['tier']"),
        field("ZONE", "metadata.annotations['example.com/zone']"),
        field("NO_LABEL", "metadata.labels['nope']"),
        field("NODE", "spec.nodeName"),
        field("ACCOUNT", "spec.serviceAccountName"),
        field("HOST_IP", "status.hostIP"),
        field("HOST_IPS", "status.hostIPs"),
        field("POD_IP", "status.podIP"),
        field("POD_IPS", "status.podIPs"),
      ] as EnvVar[],
    }),
    sh("amounts", "env", {
      resources: {
        requests: { cpu: "125m", memory: "32Mi", "ephemeral-storage": "1Mi" },
        limits: { cpu: "250m", memory: "64Mi", "ephemeral-storage": "2Mi" },
      },
      env: [
        amount("LIMIT_CPU", "limits.cpu"),
        amount("LIMIT_MILLI", "limits.cpu", "1m"),
        amount("REQUEST_MILLI", "requests.cpu", "1m"),
        amount("LIMIT_MEMORY", "limits.memory"),
        amount("LIMIT_MEBI", "limits.memory", "1Mi"),
        amount("REQUEST_MEBI", "requests.memory", "1Mi"),
        amount("LIMIT_GIBI", "limits.memory", "1Gi"),
        amount("LIMIT_DISK", "limits.ephemeral-storage"),
        amount("REQUEST_DISK", "requests.ephemeral-storage"),
      ] as EnvVar[],
    }),
    sh("others", "env", {
      env: [
        amount("THEIRS", "limits.memory", "1Mi", "amounts"),
        amount("NODE_CPU", "limits.cpu"),
        amount("NODE_MEMORY", "limits.memory"),
        amount("NO_REQUEST", "requests.cpu"),
      ] as EnvVar[],
    }),
  ]),
  metadata: {
    name: "told",
    labels: { tier: "front" },
    annotations: { "example.com/zone": "a b" },
  },
});
const of = async (container: string) => variablesOf((await told()).printed(container));

behaviour("env-01", "fieldRef gives the pod's name, namespace and uid", from.downwardEnv, async () => {
  const { metadata } = await (await told()).get();
  expect(await of("fields")).toMatchObject({ NAME: "told", NAMESPACE: "default", UID_: metadata.uid });
});

behaviour("env-02", "fieldRef gives one label or annotation, named in brackets", from.downward, async () => {
  expect(await of("fields")).toMatchObject({ TIER: "front", ZONE: "a b" });
});

behaviour("env-03", "a label that the pod lacks gives an empty variable", from.downward, async () => {
  expect(await of("fields")).toMatchObject({ NO_LABEL: "" });
});

behaviour(
  "env-04",
  "fieldRef gives the pod's address and the node's, one or all",
  from.downward,
  async () => {
    const { status } = await (await told()).get();
    const found = await of("fields");
    expect(found).toMatchObject({ HOST_IP: status.hostIP, HOST_IPS: status.hostIP });
    expect(found.POD_IP).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(found.POD_IPS).toBe(found.POD_IP);
    expect(found.POD_IP).not.toBe(found.HOST_IP);
  },
);

behaviour("env-05", "fieldRef gives the names of node and service account", from.downwardEnv, async () => {
  const found = await of("fields");
  expect(found.ACCOUNT).toBe("default");
  expect(found.NODE).toBe(hostname());
});

behaviour(
  "env-06",
  "a CPU amount without divisor is in whole cores, rounded up",
  from.downwardFiles,
  async () => {
    expect(await of("amounts")).toMatchObject({ LIMIT_CPU: "1" });
  },
);

behaviour("env-07", "resourceFieldRef divides CPU by its divisor", from.downwardEnv, async () => {
  expect(await of("amounts")).toMatchObject({ LIMIT_MILLI: "250", REQUEST_MILLI: "125" });
});

behaviour(
  "env-08",
  "resourceFieldRef gives memory in bytes, or divided, rounded up",
  from.downwardEnv,
  async () => {
    expect(await of("amounts")).toMatchObject({
      LIMIT_MEMORY: String(64 * 1024 * 1024),
      LIMIT_MEBI: "64",
      REQUEST_MEBI: "32",
      LIMIT_GIBI: "1",
    });
  },
);

behaviour("env-09", "resourceFieldRef gives ephemeral storage", from.downward, async () => {
  expect(await of("amounts")).toMatchObject({
    LIMIT_DISK: String(2 * 1024 * 1024),
    REQUEST_DISK: String(1024 * 1024),
  });
});

behaviour("env-10", "resourceFieldRef can name another container of the pod", from.downward, async () => {
  expect(await of("others")).toMatchObject({ THEIRS: "64" });
});

behaviour("env-11", "a limit that is not set counts as what the node has", from.downward, async () => {
  const found = await of("others");
  expect(found.NODE_CPU).toBe(String(cpus().length));
  const bytes = Number(found.NODE_MEMORY);
  expect(bytes).toBeGreaterThan(totalmem() * 0.5);
  expect(bytes).toBeLessThanOrEqual(totalmem());
});

behaviour("env-12", "a request that is not set counts as 0", from.containerSpec, async () => {
  expect(await of("others")).toMatchObject({ NO_REQUEST: "0" });
});
