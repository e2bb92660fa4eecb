import { describe, expect, it } from "vitest";
import type { WorkloadKind, WorkloadObject } from "../../../src/manifest/index.ts";
import { refuseFrozen } from "../../../src/workload/frozen.ts";
import { finite, lasting, workload } from "./support.ts";

const make = (kind: WorkloadKind, spec: object) => workload<WorkloadObject>(kind, spec);
const change = (kind: WorkloadKind, before: object, after: object) => () =>
  refuseFrozen(make(kind, before), make(kind, after));
const other = {
  selector: { matchLabels: { app: "other" } },
  template: { ...lasting().template, metadata: { labels: { app: "other" } } },
};
const job = (spec: object = {}) => ({ ...finite, ...spec });
const indexed = (completions: number, parallelism = completions) =>
  job({ completionMode: "Indexed", completions, parallelism });
const schedule = (text: string) => ({ schedule: text, jobTemplate: { spec: finite } });

describe("what cannot be changed", () => {
  it.each(["Deployment", "ReplicaSet", "DaemonSet"] as const)("is the selector of a %s", (kind) => {
    expect(change(kind, lasting(), other)).toThrow(
      `${kind} "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable`,
    );
    expect(change(kind, lasting("one"), lasting("two"))).not.toThrow();
  });

  it("is most of a StatefulSet", () => {
    const set = (spec: object) => ({ ...lasting(), ...spec });
    expect(change("StatefulSet", set({ serviceName: "a" }), set({ serviceName: "b" }))).toThrow(
      "spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    );
    expect(change("StatefulSet", set({}), set({ podManagementPolicy: "Parallel" }))).toThrow("Forbidden");
    expect(change("StatefulSet", set({}), set({ replicas: 5, minReadySeconds: 3 }))).not.toThrow();
    expect(change("StatefulSet", set({}), set(lasting("two")))).not.toThrow();
  });

  it("is what a Job runs and how often, unless completions and parallelism go together", () => {
    expect(change("Job", job(), job({ completions: 2 }))).toThrow(
      "spec.completions: Invalid value: 2: field is immutable",
    );
    const template = { spec: { ...finite.template.spec, containers: [{ name: "c", image: "two" }] } };
    expect(change("Job", job(), job({ template }))).toThrow(
      /spec.template: Invalid value: .*: field is immutable/,
    );
    expect(change("Job", job(), job({ parallelism: 3, completions: 1, suspend: true }))).not.toThrow();
    expect(change("Job", indexed(2), indexed(4))).not.toThrow();
    expect(change("Job", indexed(2), indexed(4, 2))).toThrow("spec.completions");
    const successPolicy = { rules: [{ succeededCount: 1 }] };
    const before = job({ completions: 1, completionMode: "Indexed" });
    expect(change("Job", before, job({ completions: 1, completionMode: "Indexed", successPolicy }))).toThrow(
      "spec.successPolicy",
    );
  });

  it("is nothing of a CronJob", () => {
    expect(change("CronJob", schedule("0 0 * * *"), schedule("0 1 * * *"))).not.toThrow();
  });
});
