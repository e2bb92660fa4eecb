import type { ReplicaSetObject, WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { isOf } from "./owner.ts";
import type { PodSummary } from "./pod-summary.ts";
import { currentSet } from "./revision-sets.ts";
import { withStatusNow } from "./status-now.ts";

/** What belongs to a workload, as `describe` tells of it. */
export interface Related {
  /** How many of the pods that it controls itself are in each phase. */
  phases: Record<"Pending" | "Running" | "Succeeded" | "Failed", number>;
  /** A Deployment's: that of its template as it is now, and the others that it still has. */
  current?: ReplicaSetObject;
  old: ReplicaSetObject[];
}

export function relatedTo(host: Host, object: WorkloadObject, pods: readonly PodSummary[]): Related {
  const phases: Related["phases"] = { Pending: 0, Running: 0, Succeeded: 0, Failed: 0 };
  for (const { owner, phase } of pods) if (owner === object.metadata.uid) phases[phase]++;
  if (object.kind !== "Deployment") return { phases, old: [] };
  const sets = listObjects(host.paths, "ReplicaSet", object.metadata.namespace)
    .filter(isOf(object))
    .map((set) => withStatusNow(host, set, [...pods]));
  const current = currentSet(object, sets);
  return { phases, ...(current ? { current } : {}), old: sets.filter((set) => set !== current) };
}
