import { describe, expect, it } from "vitest";
import { applyDefaults, type PodObject, type PodSpec, pullPolicyOf } from "../../../src/manifest/index.ts";
import { parse, pod } from "./support.ts";

const defaulted = (spec: PodSpec): PodSpec => applyDefaults({ spec }).spec;
const container = (fields: object) =>
  defaulted({ containers: [{ name: "a", image: "b", ...fields }] }).containers[0];
const volume = (fields: object) =>
  defaulted({ containers: [], volumes: [{ name: "v", ...fields }] }).volumes?.[0];

describe("the defaults", () => {
  it("of a pod are those of the API server", () => {
    const [object] = parse(pod({ container: "ports: [{containerPort: 80}]" })).objects;
    expect(applyDefaults(object?.object as PodObject)).toEqual({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "web", namespace: "default" },
      spec: {
        containers: [
          {
            name: "a",
            image: "busybox",
            imagePullPolicy: "Always",
            ports: [{ containerPort: 80, protocol: "TCP" }],
            resources: {},
            terminationMessagePath: "/dev/termination-log",
            terminationMessagePolicy: "File",
          },
        ],
        dnsPolicy: "ClusterFirst",
        enableServiceLinks: true,
        restartPolicy: "Always",
        schedulerName: "default-scheduler",
        securityContext: {},
        terminationGracePeriodSeconds: 30,
      },
    });
  });

  it("leave the argument as it is, and change nothing the second time", () => {
    const spec: PodSpec = { containers: [{ name: "a", resources: { limits: { cpu: "1" } } }] };
    const copy = structuredClone(spec);
    const once = defaulted(spec);
    expect(spec).toEqual(copy);
    expect(defaulted(once)).toEqual(once);
  });

  it("keep what is set, zero and false too", () => {
    const set: PodSpec = {
      containers: [
        { name: "a", imagePullPolicy: "Never", terminationMessagePolicy: "FallbackToLogsOnError" },
      ],
      dnsPolicy: "Default",
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 0,
      enableServiceLinks: false,
    };
    expect(defaulted(set)).toMatchObject(set);
  });

  it.each([
    ["nginx", "Always"],
    ["nginx:latest", "Always"],
    ["localhost:5000/nginx", "Always"],
    ["localhost:5000/nginx:1.2", "IfNotPresent"],
    ["nginx:1", "IfNotPresent"],
    [`nginx@sha256:${"0".repeat(64)}`, "IfNotPresent"],
    [`nginx:1@sha256:${"0".repeat(64)}`, "IfNotPresent"],
    [`nginx:latest@sha256:${"0".repeat(64)}`, "Always"],
  ])("pull %s %s", (image, policy) => {
    expect(pullPolicyOf(image)).toBe(policy);
  });

  it("of requests are the limits, in thousandths at the finest", () => {
    expect(
      container({ resources: { limits: { cpu: "0.0001", memory: "1Gi" }, requests: { memory: "1Mi" } } })
        ?.resources,
    ).toEqual({
      limits: { cpu: "1m", memory: "1Gi" },
      requests: { cpu: "1m", memory: "1Mi" },
    });
  });

  it("of probes and hooks", () => {
    const probe = { httpGet: { port: 80 } };
    expect(container({ livenessProbe: probe, lifecycle: { preStop: probe } })).toMatchObject({
      livenessProbe: {
        httpGet: { path: "/", port: 80, scheme: "HTTP" },
        timeoutSeconds: 1,
        periodSeconds: 10,
        successThreshold: 1,
        failureThreshold: 3,
      },
      lifecycle: { preStop: { httpGet: { path: "/", port: 80, scheme: "HTTP" } } },
    });
  });

  it("of a variable's source name the version", () => {
    expect(
      container({ env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }] })?.env,
    ).toEqual([{ name: "A", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }]);
  });

  it.each([
    [{}, { emptyDir: {} }],
    [{ hostPath: { path: "/x" } }, { hostPath: { path: "/x", type: "" } }],
    [{ configMap: { name: "c" } }, { configMap: { name: "c", defaultMode: 420 } }],
    [{ configMap: { name: "c", defaultMode: 0 } }, { configMap: { name: "c", defaultMode: 0 } }],
    [{ secret: { secretName: "s" } }, { secret: { secretName: "s", defaultMode: 420 } }],
    [{ image: { reference: "a:1" } }, { image: { reference: "a:1", pullPolicy: "IfNotPresent" } }],
    [
      { projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
      {
        projected: {
          defaultMode: 420,
          sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }],
        },
      },
    ],
  ])("of a volume: %j", (given, expected) => {
    expect(volume(given)).toEqual({ name: "v", ...expected });
  });

  it("in the host's network publish every port as it is", () => {
    const spec = defaulted({
      hostNetwork: true,
      containers: [{ name: "a", ports: [{ containerPort: 80 }] }],
    });
    expect(spec.containers[0]?.ports).toEqual([{ containerPort: 80, hostPort: 80, protocol: "TCP" }]);
  });

  it("of the two names of a service account are each other", () => {
    expect(defaulted({ containers: [], serviceAccount: "x" })).toMatchObject({
      serviceAccountName: "x",
      serviceAccount: "x",
    });
  });
});

it("files of a volume have a divisor as variables have, and amounts of pods are rounded as containers' are", () => {
  const [object] = parse(
    pod({
      spec: "volumes: [{name: v, downwardAPI: {items: [{path: a, resourceFieldRef: {containerName: a, resource: limits.cpu}}]}}]\nresources: {limits: {cpu: 1.0001}}\noverhead: {cpu: 0.0001}",
    }),
  ).objects;
  expect(applyDefaults(object?.object as PodObject).spec).toMatchObject({
    volumes: [{ downwardAPI: { items: [{ resourceFieldRef: { divisor: "0" } }] } }],
    resources: { limits: { cpu: "1001m" }, requests: { cpu: "1001m" } },
    overhead: { cpu: "1m" },
  });
});

it("a negative grace period is one second", () => {
  const { objects, warnings } = parse(pod({ spec: "terminationGracePeriodSeconds: -1" }));
  expect(warnings.map(({ code }) => code)).toEqual(["TS3014"]);
  expect(objects[0]?.object).toMatchObject({ spec: { terminationGracePeriodSeconds: 1 } });
});

describe("the pod's own resources", () => {
  const cpu = (requests?: string, limits?: string) => ({
    ...(requests === undefined ? {} : { requests: { cpu: requests } }),
    ...(limits === undefined ? {} : { limits: { cpu: limits } }),
  });
  const spec = (resources: object, ...containers: object[]): PodSpec => ({
    resources,
    containers: containers.map((r, i) => ({ name: `c${i}`, resources: r })),
  });

  it("are requested as the containers request them together", () => {
    expect(defaulted(spec(cpu(undefined, "4"), cpu("1"), cpu("500m"))).resources).toEqual(cpu("1500m", "4"));
  });

  it("are requested as limited if no container asks for anything", () => {
    expect(defaulted(spec(cpu(undefined, "4"), {})).resources).toEqual(cpu("4", "4"));
  });

  it("are limited as the containers are, if all are", () => {
    expect(defaulted(spec(cpu("1"), cpu("1", "2"), cpu("1", "2"))).resources).toEqual(cpu("1", "4"));
    expect(defaulted(spec(cpu("1"), cpu("1", "2"), cpu("1"))).resources).toEqual(cpu("1"));
  });

  it("count the largest init container, and sidecars always", () => {
    const pod: PodSpec = {
      ...spec(cpu(undefined, "9"), cpu("1")),
      initContainers: [
        { name: "s", restartPolicy: "Always", resources: cpu("1") },
        { name: "i", resources: cpu("3") },
      ],
    };
    expect(defaulted(pod).resources).toEqual(cpu("4", "9"));
    // 3 and the sidecar's 1 together are more than the 2 of an init container that is gone by then.
    pod.containers = spec({}, cpu("3")).containers;
    pod.initContainers = [
      { name: "i", resources: cpu("2") },
      { name: "s", restartPolicy: "Always", resources: cpu("1") },
    ];
    expect(defaulted(pod).resources).toEqual(cpu("4", "9"));
  });
});
