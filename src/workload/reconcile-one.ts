import type { WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { carryOut } from "./carry-out.ts";
import { changeOwner } from "./change-owner.ts";
import { claimPods } from "./claim-pods.ts";
import type { Clock } from "./clock.ts";
import { reconcileDaemonSet } from "./daemon-set.ts";
import type { DriverDeps } from "./drive.ts";
import { reconcileJob } from "./job.ts";
import type { JobMemory } from "./job-count.ts";
import { driveCronJob, driveDeployment } from "./makers.ts";
import { randomSuffix } from "./names.ts";
import type { Operations } from "./operations.ts";
import type { PodSummary } from "./pod-summary.ts";
import { reconcileReplicaSet } from "./replica-set.ts";
import type { RevisionMemory } from "./revisions.ts";
import type { NextTime } from "./schedule.ts";
import { ordinalOf } from "./stateful-pod.ts";
import { reconcileStatefulSet } from "./stateful-set.ts";
import { memoryOf, removeStored } from "./stored.ts";

/** What one pass over all workloads knows. */
export interface Pass {
  host: Host;
  deps: DriverDeps;
  clock: Clock;
  /** All pods, those included that are being made. */
  pods: readonly PodSummary[];
  operations: Operations;
  next: NextTime;
}

/** The pods that are the object's from now on. */
function claimed(
  { host, pods }: Pass,
  object: Extract<WorkloadObject, { kind: "ReplicaSet" | "StatefulSet" | "DaemonSet" }>,
  isMember?: (pod: PodSummary) => boolean,
): PodSummary[] {
  const { mine, adopt, release } = claimPods(object.metadata, object.spec.selector, pods, isMember);
  changeOwner(host, object, adopt, { adopt: true });
  changeOwner(host, object, release, { adopt: false });
  return mine;
}

/** Decides about one object and begins what was decided. Gives the time to look again (ms). */
export function reconcileOne(pass: Pass, object: WorkloadObject): number | undefined {
  const { host, clock } = pass;
  const pods = pass.pods.filter(({ owner }) => owner === object.metadata.uid);
  const memory = () => memoryOf(host, object).own;
  switch (object.kind) {
    case "CronJob":
      return driveCronJob(pass, object);
    case "Deployment":
      return driveDeployment(pass, object);
    case "ReplicaSet": {
      const mine = claimed(pass, object);
      const failure = pass.operations.failureOf(object.metadata.uid ?? "")?.message;
      return carryOut(pass, object, reconcileReplicaSet(object, mine, clock, randomSuffix, failure));
    }
    case "StatefulSet": {
      const { namespace } = object.metadata;
      const claims = listObjects(host.paths, "PersistentVolumeClaim", namespace);
      const outcome = reconcileStatefulSet({
        set: object,
        pods: claimed(pass, object, ({ name }) => ordinalOf(object, name) !== undefined),
        claims: claims.map(({ metadata }) => metadata.name),
        memory: memory() as RevisionMemory | undefined,
        clock,
      });
      return carryOut(pass, object, outcome);
    }
    case "DaemonSet": {
      const outcome = reconcileDaemonSet({
        set: object,
        pods: claimed(pass, object, () => true),
        memory: memory() as RevisionMemory | undefined,
        clock,
        random: randomSuffix,
        node: host.facts().nodeName,
      });
      return carryOut(pass, object, outcome);
    }
    case "Job": {
      const outcome = reconcileJob({
        job: object,
        pods,
        memory: memory() as JobMemory | undefined,
        clock,
        random: randomSuffix,
      });
      if (outcome.expired) {
        removeStored(host, object);
        return clock.now;
      }
      return carryOut(pass, object, outcome);
    }
  }
}
