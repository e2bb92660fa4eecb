import {
  applyWorkloadDefaults,
  type CronJobObject,
  type DeploymentObject,
  fromLabelSelector,
  type JobObject,
  matchesSelector,
  type ReplicaSetObject,
  type WorkloadObject,
} from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { apiTime, earliest } from "./clock.ts";
import { type CronJobMemory, reconcileCronJob } from "./cron-job.ts";
import { reconcileDeployment } from "./deployment.ts";
import { withSelector } from "./job-labels.ts";
import { newUid } from "./new-uid.ts";
import { controllerOf, isOf, withOwner } from "./owner.ts";
import type { Pass } from "./reconcile-one.ts";
import { memoryOf, removeStored, storeNew, updateStored, withEvents } from "./stored.ts";

/** A Deployment makes ReplicaSets; they make the pods. */
export function driveDeployment(
  { host, pods, clock }: Pass,
  deployment: DeploymentObject,
): number | undefined {
  const all = listObjects(host.paths, "ReplicaSet", deployment.metadata.namespace);
  const sets = all.flatMap((set) => (isOf(deployment)(set) ? [set] : (adopted(host, deployment, set) ?? [])));
  const own = new Set(sets.map(({ metadata }) => metadata.uid));
  const outcome = reconcileDeployment({
    deployment,
    sets,
    pods: pods.filter(({ owner }) => own.has(owner)),
    clock,
  });
  let collided = false;
  for (const set of outcome.write) {
    if (set.metadata.uid === undefined) collided ||= !storeNew(host, withIdentity(set, clock.now));
    else
      updateStored(host, set, (now) => ({
        object: {
          ...set,
          ...(now.status ? { status: now.status } : {}),
          metadata: { ...set.metadata, generation: (now.metadata.generation ?? 1) + 1 },
        },
      }));
  }
  for (const name of outcome.discard)
    for (const set of sets.filter(({ metadata }) => metadata.name === name)) removeStored(host, set);
  updateStored(host, deployment, (now, memory) => ({
    object: {
      ...now,
      metadata: { ...now.metadata, annotations: { ...now.metadata.annotations, ...outcome.annotations } },
      // Its next name is another: this one is somebody else's.
      status: collided
        ? { ...outcome.status, collisionCount: (now.status?.collisionCount ?? 0) + 1 }
        : outcome.status,
    },
    memory: withEvents(memory, collided ? [] : outcome.events, apiTime(clock.now)),
  }));
  return collided ? clock.now : outcome.requeueAt;
}

/** A ReplicaSet that nobody owns becomes that of the Deployment which finds it by its labels. */
function adopted(
  host: Host,
  deployment: DeploymentObject,
  set: ReplicaSetObject,
): ReplicaSetObject | undefined {
  const selector = fromLabelSelector(deployment.spec.selector);
  if (controllerOf(set) || !matchesSelector(selector, set.metadata.labels)) return undefined;
  return updateStored(host, set, (now) => ({
    object: { ...now, metadata: withOwner(now.metadata, deployment, { adopt: true }) },
  }));
}

/** A CronJob makes Jobs. */
export function driveCronJob({ host, clock, next }: Pass, cron: CronJobObject): number | undefined {
  const jobs = listObjects(host.paths, "Job", cron.metadata.namespace).filter(isOf(cron));
  const own = memoryOf(host, cron).own as CronJobMemory | undefined;
  const outcome = reconcileCronJob({ cron, jobs, memory: own, clock, next });
  for (const name of outcome.remove)
    for (const job of jobs.filter(({ metadata }) => metadata.name === name)) removeStored(host, job);
  let made: JobObject | undefined;
  // The name follows from the time: a Job that is there already was made before a crash.
  if (outcome.create) made = storeNew(host, newJob(outcome.create, clock.now));
  updateStored(host, cron, (now, memory) => ({
    object: {
      ...now,
      status: made ? withActive(outcome.status, made) : outcome.status,
    },
    memory: withEvents({ ...memory, own: outcome.memory }, outcome.events, apiTime(clock.now)),
  }));
  // Pods of Jobs that were removed are orphans from now on.
  return earliest(outcome.requeueAt, outcome.remove.length > 0 ? clock.now : undefined);
}

function withActive(status: NonNullable<CronJobObject["status"]>, { apiVersion, kind, metadata }: JobObject) {
  const { name, namespace, uid } = metadata;
  const reference = { apiVersion, kind, name, namespace, ...(uid ? { uid } : {}) };
  return { ...status, active: [...(status.active ?? []), reference] };
}

/** As the API server stores a new object. */
export function withIdentity<W extends WorkloadObject>(object: W, now: number): W {
  const metadata = { ...object.metadata, uid: newUid(), creationTimestamp: apiTime(now), generation: 1 };
  return { ...object, metadata };
}

export const newJob = (job: JobObject, now: number): JobObject =>
  withSelector(withIdentity(applyWorkloadDefaults(job), now));
