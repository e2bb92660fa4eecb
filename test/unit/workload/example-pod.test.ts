import { describe, expect, it } from "vitest";
import type { WorkloadKind, WorkloadObject } from "../../../src/manifest/index.ts";
import { examplePod } from "../../../src/workload/example-pod.ts";
import { finite, lasting, workload } from "./support.ts";

const example = (kind: WorkloadKind, spec: object) => examplePod(workload<WorkloadObject>(kind, spec));

describe("the pod that stands for a workload's", () => {
  it.each([
    ["Deployment", { ...lasting(), replicas: 3 }, /^web-[a-z0-9]{10}-xxxxx$/],
    ["ReplicaSet", { ...lasting(), replicas: 3 }, /^web-xxxxx$/],
    ["StatefulSet", { ...lasting(), ordinals: { start: 2 } }, /^web-2$/],
    ["DaemonSet", lasting(), /^web-xxxxx$/],
    ["Job", { ...finite, completions: 3, parallelism: 3 }, /^web-xxxxx$/],
    ["CronJob", { schedule: "0 0 1 1 *", jobTemplate: { spec: finite } }, /^web-xxxxx$/],
  ] as const)("of a %s is the first that it makes", (kind, spec, name) => {
    const { pod, claims } = example(kind, spec) ?? {};
    expect(pod?.metadata.name).toMatch(name);
    expect(pod?.spec.containers[0]).toMatchObject({ image: "busybox", imagePullPolicy: "Always" });
    expect(claims).toEqual([]);
  });

  it("has what a Pod gets beyond its template: requests from limits, and links to services", () => {
    const { template, ...rest } = lasting();
    const [first] = template.spec.containers;
    const containers = [{ ...first, resources: { limits: { cpu: "1" } } }];
    const spec = { ...rest, template: { ...template, spec: { ...template.spec, containers } } };
    expect(example("DaemonSet", spec)?.pod.spec).toMatchObject({
      enableServiceLinks: true,
      containers: [{ resources: { limits: { cpu: "1" }, requests: { cpu: "1" } } }],
    });
  });

  it("brings its claims along", () => {
    const claim = {
      metadata: { name: "data" },
      spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
    };
    const { pod, claims } = example("StatefulSet", { ...lasting(), volumeClaimTemplates: [claim] }) ?? {};
    expect(pod?.spec.volumes).toMatchObject([
      { name: "data", persistentVolumeClaim: { claimName: "data-web-0" } },
    ]);
    expect(claims).toMatchObject([{ kind: "PersistentVolumeClaim", metadata: { name: "data-web-0" } }]);
  });

  it("is none where none is wanted", () => {
    expect(example("Deployment", { ...lasting(), replicas: 0 })).toBeUndefined();
    expect(example("Job", { ...finite, suspend: true })).toBeUndefined();
  });
});
