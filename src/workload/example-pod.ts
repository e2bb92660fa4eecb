import {
  applyWorkloadDefaults,
  type DaemonSetObject,
  type JobObject,
  type PersistentVolumeClaimObject,
  type PodObject,
  type ReplicaSetObject,
  type WorkloadObject,
} from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { jobFrom } from "./cron-job.ts";
import { reconcileDaemonSet } from "./daemon-set.ts";
import { reconcileDeployment } from "./deployment.ts";
import { reconcileJob } from "./job.ts";
import { newJob, withIdentity } from "./makers.ts";
import type { Random } from "./names.ts";
import type { NewPod } from "./outcome.ts";
import { reconcileReplicaSet } from "./replica-set.ts";
import { reconcileStatefulSet } from "./stateful-set.ts";

const clock: Clock = { now: 0, seconds: (count) => count * 1000 };
/** Names end in five characters that are chosen when the pod is made; here they need only differ. */
function suffixes(): Random {
  let made = 0;
  return () => (made++ === 0 ? "xxxxx" : String(made).padStart(5, "x"));
}

/** The first pod that a workload makes, with the claims it brings along; undefined for one that wants none. */
export function examplePod(
  given: WorkloadObject,
): { pod: PodObject; claims: PersistentVolumeClaimObject[] } | undefined {
  const { pod, claims = [] } = first(withIdentity(applyWorkloadDefaults(given), clock.now));
  return pod && { pod: pod as PodObject, claims };
}

function first(object: WorkloadObject): { pod?: NewPod | undefined; claims?: PersistentVolumeClaimObject[] } {
  switch (object.kind) {
    case "Deployment": {
      const { write } = reconcileDeployment({ deployment: object, sets: [], pods: [], clock });
      return write[0] ? first(write[0]) : {};
    }
    case "ReplicaSet":
      return { pod: reconcileReplicaSet(object satisfies ReplicaSetObject, [], clock, suffixes()).create[0] };
    case "StatefulSet": {
      const input = { set: object, pods: [], claims: [], memory: undefined, clock };
      const { create, claims } = reconcileStatefulSet(input);
      return { pod: create[0], ...(claims ? { claims } : {}) };
    }
    case "DaemonSet": {
      const set: DaemonSetObject = object;
      const { create } = reconcileDaemonSet({
        set,
        pods: [],
        memory: undefined,
        clock,
        random: suffixes(),
        node: "",
      });
      return { pod: create[0] };
    }
    case "Job": {
      const job: JobObject = newJob(object, clock.now);
      return { pod: reconcileJob({ job, pods: [], memory: undefined, clock, random: suffixes() }).create[0] };
    }
    case "CronJob":
      return first(jobFrom(object, object.metadata.name));
  }
}
