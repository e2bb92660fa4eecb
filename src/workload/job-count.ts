import type { JobObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { parseIndexes } from "./indexes.ts";
import { judge, type Verdict } from "./job-failure.ts";
import { INDEX } from "./job-labels.ts";
import { isActive, isFinished, type PodSummary } from "./pod-summary.ts";

/** What a Job remembers of its pods beyond what its status shows. */
export interface JobMemory {
  /** Uids of pods that ended and have been counted; a pod is counted once, however long it stays listed. */
  counted?: string[];
  /** Uids of pods that were seen alive: one that is gone without having been counted was removed by somebody. */
  alive?: string[];
  /** Uids of pods the Job itself is taking away: no failures of theirs. */
  dropped?: string[];
  /** Failures since the last success, and when the last one was (ms). */
  failures?: { count: number; last: number };
  /** Failures by index, for backoffLimitPerIndex. */
  indexFailures?: Record<string, number>;
  /** When an index last failed (ms): each has a back-off of its own then. */
  indexFailedAt?: Record<string, number>;
}

export interface JobCount {
  succeeded: number;
  failed: number;
  completed: Set<number>;
  failedIndexes: Set<number>;
  active: PodSummary[];
  terminating: PodSummary[];
  /** A rule of podFailurePolicy has failed the whole Job. */
  verdict?: Verdict & { action: "FailJob" };
  memory: JobMemory;
}

export const indexOf = ({ annotations }: PodSummary): number => Number(annotations[INDEX] ?? -1);

/** Adds what has ended since the last time to the Job's counts. */
export function countJob(
  job: JobObject,
  pods: readonly PodSummary[],
  before: JobMemory,
  clock: Clock,
): JobCount {
  const { spec, status } = job;
  const indexed = spec.completionMode === "Indexed";
  const counted = new Set(before.counted);
  const dropped = new Set(before.dropped);
  const count: JobCount = {
    succeeded: status?.succeeded ?? 0,
    failed: status?.failed ?? 0,
    completed: parseIndexes(status?.completedIndexes),
    failedIndexes: parseIndexes(status?.failedIndexes),
    active: pods.filter((pod) => isActive(pod)),
    terminating: pods.filter((pod) => pod.terminating && !isFinished(pod)),
    memory: {},
  };
  const failures = { count: 0, last: 0, ...before.failures };
  const indexFailures = { ...before.indexFailures };
  const indexFailedAt = { ...before.indexFailedAt };
  const fail = (at: number, index: number) => {
    count.failed++;
    failures.count++;
    failures.last = Math.max(failures.last, at);
    if (spec.backoffLimitPerIndex === undefined) return;
    indexFailures[index] = (indexFailures[index] ?? 0) + 1;
    indexFailedAt[index] = at;
    if ((indexFailures[index] ?? 0) > spec.backoffLimitPerIndex) count.failedIndexes.add(index);
  };
  for (const pod of pods) {
    if (counted.has(pod.uid) || dropped.has(pod.uid)) continue;
    const index = indexOf(pod);
    if (pod.phase === "Succeeded") {
      counted.add(pod.uid);
      // A second pod of an index that is done already adds nothing.
      if (indexed && count.completed.has(index)) continue;
      count.completed.add(index);
      count.succeeded++;
      failures.count = 0;
      delete indexFailures[index];
      delete indexFailedAt[index];
    } else if (pod.phase === "Failed" || (pod.terminating && spec.podReplacementPolicy !== "Failed")) {
      counted.add(pod.uid);
      // Its containers would have been started again, had the machine not been.
      if (pod.lost && spec.template.spec.restartPolicy === "OnFailure") continue;
      const verdict = judge(job, pod);
      if (verdict?.action === "FailJob") count.verdict ??= { ...verdict, action: "FailJob" };
      if (verdict?.action === "Ignore") continue;
      fail(pod.finishedAt ?? clock.now, index);
      if (verdict?.action === "FailIndex") count.failedIndexes.add(index);
    }
  }
  const present = new Set(pods.map(({ uid }) => uid));
  for (const uid of before.alive ?? [])
    if (!present.has(uid) && !counted.has(uid) && !dropped.has(uid)) fail(clock.now, -1);
  count.memory = {
    counted: [...counted].filter((uid) => present.has(uid)),
    alive: [...count.active, ...count.terminating].filter(({ unmade }) => !unmade).map(({ uid }) => uid),
    dropped: [...dropped].filter((uid) => present.has(uid)),
    ...(failures.count > 0 ? { failures } : {}),
    ...(Object.keys(indexFailures).length > 0 ? { indexFailures, indexFailedAt } : {}),
  };
  return count;
}
