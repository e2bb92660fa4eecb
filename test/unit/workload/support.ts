import { applyWorkloadDefaults, type WorkloadObject } from "../../../src/manifest/index.ts";
import { parseManifests } from "../../../src/manifest/parse.ts";
import type { Clock } from "../../../src/workload/clock.ts";
import type { NewPod } from "../../../src/workload/outcome.ts";
import type { PodSummary } from "../../../src/workload/pod-summary.ts";

export const START = Date.parse("2026-01-01T00:00:00Z");

/** A clock that stands at so many seconds after the start. */
export const at = (seconds: number): Clock => ({
  now: START + seconds * 1000,
  seconds: (count) => count * 1000,
});

const VERSIONS: Record<string, string> = { Job: "batch/v1", CronJob: "batch/v1" };

/** A stored workload, as the parser and the defaults make it of this spec. */
export function workload<W extends WorkloadObject>(kind: W["kind"], spec: object, name = "web"): W {
  const object = { apiVersion: VERSIONS[kind] ?? "apps/v1", kind, metadata: { name }, spec };
  const { objects, problems } = parseManifests([{ name: "test", text: JSON.stringify(object) }]);
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join("\n"));
  const filled = applyWorkloadDefaults(objects[0]?.object as W);
  const created = new Date(START).toISOString();
  return {
    ...filled,
    metadata: { ...filled.metadata, uid: `uid-${name}`, generation: 1, creationTimestamp: created },
  };
}

const container = { name: "c", image: "busybox" };
export const lasting = (image = "busybox") => ({
  selector: { matchLabels: { app: "web" } },
  template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ ...container, image }] } },
});
export const finite = {
  template: { spec: { restartPolicy: "Never", containers: [container] } },
};

let last = 0;

/** Names that are told apart and come out the same in every run. */
export const random = (): string => String(++last).padStart(5, "0");

/** The pod as it is seen later. */
export function seen(pod: NewPod, change: Partial<PodSummary> = {}): PodSummary {
  const { name, namespace, labels = {}, annotations = {}, ownerReferences } = pod.metadata;
  return {
    uid: `uid-${name}`,
    name,
    namespace,
    labels,
    annotations,
    ...(ownerReferences?.[0] ? { owner: ownerReferences[0].uid, ownerKind: ownerReferences[0].kind } : {}),
    createdAt: START,
    phase: "Pending",
    terminating: false,
    restarts: 0,
    exits: [],
    conditions: [],
    lost: false,
    unmade: false,
    ...change,
  };
}

export const ready = (pod: PodSummary, seconds = 0): PodSummary => ({
  ...pod,
  phase: "Running",
  readySince: START + seconds * 1000,
});

export const ended = (pod: PodSummary, code: number, seconds = 0): PodSummary => {
  const { readySince: _, ...rest } = pod;
  return {
    ...rest,
    phase: code === 0 ? "Succeeded" : "Failed",
    exits: [{ container: "c", code }],
    finishedAt: START + seconds * 1000,
  };
};

export const names = (pods: readonly { metadata: { name: string } }[]): string[] =>
  pods.map(({ metadata }) => metadata.name);
