import { WORKLOAD_KINDS, type WorkloadObject } from "../manifest/workload-object.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects } from "../state/objects.ts";
import { isTrue } from "./conditions.ts";

/**
 * How many stored objects may want pods made, replaced or removed some day. By itself, because every command asks: it
 * must not load the controllers.
 */
export const workloadsToTend = ({ paths }: Pick<Host, "paths">): number =>
  WORKLOAD_KINDS.flatMap((kind): WorkloadObject[] => listObjects(paths, kind)).filter(wantsTending).length;

function wantsTending(object: WorkloadObject): boolean {
  // Its Deployment or CronJob stands for it.
  if (object.metadata.ownerReferences?.length) return false;
  if (object.kind !== "Job") return true;
  return !isOver(object) || object.spec.ttlSecondsAfterFinished !== undefined;
}

const isOver = ({ status }: Extract<WorkloadObject, { kind: "Job" }>): boolean =>
  isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed");
