import type { ReplicaSetObject, WorkloadObject } from "../manifest/index.ts";
import { podStatus } from "../pod/status.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { controllerOf } from "./owner.ts";
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

export function relatedTo(host: Host, object: WorkloadObject): Related {
  const phases: Related["phases"] = { Pending: 0, Running: 0, Succeeded: 0, Failed: 0 };
  for (const view of listPods(host))
    if (controllerOf(view.record.pod)?.uid === object.metadata.uid)
      phases[(podStatus(view).phase ?? "Pending") as keyof typeof phases]++;
  if (object.kind !== "Deployment") return { phases, old: [] };
  const sets = listObjects(host.paths, "ReplicaSet", object.metadata.namespace)
    .filter((set) => controllerOf(set)?.uid === object.metadata.uid)
    .map((set) => withStatusNow(host, set));
  const current = currentSet(object, sets);
  return { phases, ...(current ? { current } : {}), old: sets.filter((set) => set !== current) };
}
