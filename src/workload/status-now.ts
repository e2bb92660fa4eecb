import type { WorkloadObject } from "../manifest/index.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import type { Clock } from "./clock.ts";
import { reconcileDaemonSet } from "./daemon-set.ts";
import { reconcileDeployment } from "./deployment.ts";
import { isOf } from "./owner.ts";
import { type PodSummary, summarize } from "./pod-summary.ts";
import { reconcileReplicaSet } from "./replica-set.ts";
import type { RevisionMemory } from "./revisions.ts";
import { reconcileStatefulSet } from "./stateful-set.ts";
import { memoryOf } from "./stored.ts";

/** All pods, as they are counted. */
export const podsNow = (host: Host): PodSummary[] => listPods(host).map(summarize);

/**
 * The object with the counts of its pods as they are at this moment; nothing is written. Jobs and CronJobs are as they
 * were last counted: what has ended is counted once, by whoever drives them.
 */
export function withStatusNow<W extends WorkloadObject>(host: Host, object: W, pods = podsNow(host)): W {
  const clock: Clock = { now: host.now().getTime(), seconds: (count) => host.seconds(count) };
  const status = statusNow(host, object, { clock, pods });
  return status === undefined ? object : { ...object, status };
}

function statusNow(
  host: Host,
  object: WorkloadObject,
  { clock, pods }: { clock: Clock; pods: PodSummary[] },
): WorkloadObject["status"] {
  const own = pods.filter(({ owner }) => owner === object.metadata.uid);
  const memory = () => memoryOf(host, object).own as RevisionMemory | undefined;
  const random = () => "";
  switch (object.kind) {
    case "ReplicaSet": {
      const none = { ...object, spec: { ...object.spec, replicas: 0 } };
      const { status } = reconcileReplicaSet(none, own, clock, random);
      const { conditions, observedGeneration = 0 } = object.status ?? {};
      return { ...status, observedGeneration, ...(conditions ? { conditions } : {}) };
    }
    case "Deployment": {
      const sets = listObjects(host.paths, "ReplicaSet", object.metadata.namespace).filter(isOf(object));
      const uids = new Set(sets.map(({ metadata }) => metadata.uid));
      const theirs = pods.filter(({ owner }) => uids.has(owner));
      const { status } = reconcileDeployment({ deployment: object, sets, pods: theirs, clock });
      return { ...status, observedGeneration: object.status?.observedGeneration ?? 0 };
    }
    case "StatefulSet": {
      const { status } = reconcileStatefulSet({
        set: object,
        pods: own,
        claims: [],
        memory: memory(),
        clock,
      });
      return { ...status, observedGeneration: object.status?.observedGeneration ?? 0 };
    }
    case "DaemonSet": {
      const node = host.facts().nodeName;
      const { status } = reconcileDaemonSet({
        set: object,
        pods: own,
        memory: memory(),
        clock,
        random,
        node,
      });
      return { ...status, observedGeneration: object.status?.observedGeneration ?? 0 };
    }
    default:
      return undefined;
  }
}
