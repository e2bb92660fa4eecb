import type { OwnerReference, Pod, WorkloadObject } from "../manifest/index.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { type Clock, earliest } from "./clock.ts";
import { operationsOf } from "./operations.ts";
import { collectOrphans } from "./orphans.ts";
import { type PodSummary, summarize } from "./pod-summary.ts";
import { type Pass, reconcileOne } from "./reconcile-one.ts";
import type { NextTime } from "./schedule.ts";
import { storedWorkloads } from "./stored.ts";

/** What the driver lets others do. */
export interface DriverDeps {
  /** Resolves when the pod is on disk with its owner's reference; rejects when it could not be made. */
  createPod(pod: Pod, owner: OwnerReference): Promise<void>;
  /** Ends the pod gracefully and removes it; a pod that is gone is no error. */
  removePod(uid: string): Promise<void>;
  now(): Date;
  log?(message: string): void;
}

export interface Driven {
  /** Look again then (milliseconds of the epoch), even if no pod and no object changes. */
  nextAt?: number;
}

/** Makers before what they make: a Job of a CronJob, or a ReplicaSet, gets its pods in the same pass. */
const ORDER: readonly WorkloadObject["kind"][] = [
  "CronJob",
  "Deployment",
  "ReplicaSet",
  "StatefulSet",
  "DaemonSet",
  "Job",
];

/** Another process is making pods (ms). */
const BUSY = 200;

/**
 * One pass over all workloads: reads objects and pods from disk, and begins what is to be done. Pods that are being made
 * or removed go on after it has returned; `settled` waits for them. May be called at any time and as often as one likes:
 * what has been begun is not begun again, and what a killed process had begun shows on disk.
 */
export async function reconcileAll(host: Host, deps: DriverDeps): Promise<Driven> {
  const known = podsOf(host);
  // Most machines have pods and nothing that makes them.
  if (storedWorkloads(host).length === 0 && known.every(({ owner }) => owner === undefined)) return {};
  const next = await scheduleOf(host);
  const operations = operationsOf(host);
  const now = deps.now().getTime();
  if (!operations.enter()) return { nextAt: now + BUSY };
  try {
    const clock: Clock = { now, seconds: (count) => host.seconds(count) };
    const pods = operations.complete(podsOf(host));
    let nextAt = collectOrphans(host, deps, storedWorkloads(host), pods) ? now : undefined;
    const pass: Pass = { host, deps, clock, pods, operations, next };
    for (const kind of ORDER)
      for (const object of storedWorkloads(host).filter((one) => one.kind === kind)) {
        try {
          nextAt = earliest(nextAt, reconcileOne(pass, object));
        } catch (error) {
          deps.log?.(
            `${kind} ${object.metadata.namespace}/${object.metadata.name}: ${(error as Error).message}`,
          );
        }
      }
    // A Job whose time is over has gone in this pass, and with the last object nobody makes another.
    collectOrphans(host, deps, storedWorkloads(host), pods);
    return nextAt === undefined ? {} : { nextAt };
  } finally {
    operations.leave();
  }
}

/** Calendars are loaded for those who have CronJobs. */
async function scheduleOf({ paths }: Host): Promise<NextTime> {
  if (listObjects(paths, "CronJob").length === 0) return () => undefined;
  return (await import("./schedule.ts")).nextTime;
}

/** When every pod that was being made or removed is, or could not be. */
export const settled = (host: Host): Promise<void> => operationsOf(host).settled();

/** Pods that live and die with a command are that command's affair. */
function podsOf(host: Host): PodSummary[] {
  return listPods(host)
    .filter(({ record }) => !record.foreground)
    .map(summarize);
}
