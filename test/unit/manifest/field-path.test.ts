import { describe, expect, it } from "vitest";
import { applyDefaults } from "../../../src/manifest/defaults.ts";
import { describeField, fieldsBelow } from "../../../src/manifest/describe-field.ts";
import { FIELD_DEFAULTS } from "../../../src/manifest/field-defaults.ts";
import { type FoundField, findField, isFieldPath } from "../../../src/manifest/field-path.ts";
import { TABLE } from "../../../src/manifest/gen/table.ts";
import { fieldsOf } from "../../../src/manifest/schema.ts";

const at = (path: string) => describeField(findField(path) as FoundField, {});

describe("the path of a field", () => {
  it.each(["pod", "po", "Pods", "pod.spec.containers", "spec.containers[0].image", "svc.spec", "deploy"])(
    "is %s",
    (text) => expect(isFieldPath(text)).toBe(true),
  );

  it.each(["pod.yaml", "pod.yml", "svc.json", "pd.spec", "-", "./pod", "spec/containers", "hello", ""])(
    "is not %j",
    (text) => expect(isFieldPath(text)).toBe(false),
  );

  it("leads to type, whether it is required, default and what is inside", () => {
    expect(at("pod.spec.containers[0].ports.protocol")).toMatchObject({
      kind: "Pod",
      version: "v1",
      path: "pod.spec.containers.ports.protocol",
      type: "string",
      required: false,
      default: "TCP",
      tspod: { kind: "honoured" },
      fields: [],
    });
    expect(at("spec.containers")).toMatchObject({ type: "[]Container", required: true });
    expect(at("pod.metadata.labels").type).toBe("map[string]string");
    expect(at("configmap.data")).toMatchObject({ kind: "ConfigMap", type: "map[string]string" });
    expect(at("pod").fields.map(({ name }) => name)).toEqual([...fieldsOf("Pod").keys()]);
  });

  it("says what goes for all that is inside a field too", () => {
    const refused = { kind: "refused", instead: "mount it on the host and use a hostPath volume" };
    expect(at("pod.spec.volumes.csi").tspod).toMatchObject(refused);
    expect(at("pod.spec.volumes.csi.driver").tspod).toMatchObject(refused);
    expect(at("pod.spec.affinity.nodeAffinity").tspod).toMatchObject({ kind: "ignored" });
    expect(at("pod.metadata.uid").tspod).toEqual({ kind: "dropped" });
  });

  it("that is wrong says where, and what may be meant", () => {
    expect(findField("pod.spec.contaners.image")).toMatchObject({
      parent: ["pod", "spec"],
      word: "contaners",
      meant: "containers",
    });
    expect(findField("pod.spec.nodeName.x")).toMatchObject({
      parent: ["pod", "spec", "nodeName"],
      word: "x",
      known: [],
    });
  });

  it("of a kind that is not read says why", () => {
    expect(isFieldPath("ingress.spec")).toBe(true);
    expect(findField("ingress.spec")).toMatchObject({
      word: "Ingress",
      reason: expect.stringContaining("ingress controller"),
    });
  });

  it("opens as a tree, a type inside itself once", () => {
    const below = fieldsBelow(findField("pod.spec.containers.livenessProbe") as FoundField);
    expect(below).toContainEqual({ depth: 1, name: "port", type: "IntOrString", required: true });
    expect(fieldsBelow(findField("pod") as FoundField).length).toBeGreaterThan(500);
  });
});

describe("the defaults that are told", () => {
  it("are of fields that the API has", () => {
    const unknown = Object.keys(FIELD_DEFAULTS).filter((key) => {
      const [type = "", name = ""] = key.split(".");
      return TABLE[type] === undefined || !fieldsOf(type).has(name);
    });
    expect(unknown).toEqual([]);
  });

  it("are those that are filled in", () => {
    const probe = { httpGet: { port: 80 } };
    const { spec } = applyDefaults({
      spec: {
        containers: [
          {
            name: "a",
            image: "b:1",
            livenessProbe: probe,
            readinessProbe: { grpc: { port: 1 } },
            ports: [{ containerPort: 1 }],
          },
        ],
        volumes: [
          { name: "a", configMap: {} },
          { name: "b", secret: {} },
          { name: "c", downwardAPI: {} },
          { name: "d", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
        ],
      },
    });
    const [container] = spec.containers;
    const filled = {
      PodSpec: spec,
      Container: container,
      ContainerPort: container?.ports?.[0],
      Probe: container?.livenessProbe,
      HTTPGetAction: container?.livenessProbe?.httpGet,
      GRPCAction: container?.readinessProbe?.grpc,
      ConfigMapVolumeSource: spec.volumes?.[0]?.configMap,
      SecretVolumeSource: spec.volumes?.[1]?.secret,
      DownwardAPIVolumeSource: spec.volumes?.[2]?.downwardAPI,
      ProjectedVolumeSource: spec.volumes?.[3]?.projected,
      ServiceAccountTokenProjection: spec.volumes?.[3]?.projected?.sources?.[0]?.serviceAccountToken,
    } as Record<string, object>;
    const told = (type: string, name: string) => FIELD_DEFAULTS[`${type}.${name}`];
    const shown = (name: string, value: unknown) =>
      name === "defaultMode"
        ? `0${(value as number).toString(8)}`
        : typeof value === "string" && value !== ""
          ? value
          : JSON.stringify(value);
    let compared = 0;
    for (const [type, object] of Object.entries(filled))
      for (const [name, value] of Object.entries(object)) {
        if (told(type, name) === undefined || told(type, name)?.includes(" ")) continue;
        expect(told(type, name), `${type}.${name}`).toBe(shown(name, value));
        compared += 1;
      }
    expect(compared).toBe(22);
  });
});
