import { isWorkload, type WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import type { DriverDeps } from "./drive.ts";
import { operationsOf } from "./operations.ts";
import { controllerOf } from "./owner.ts";
import type { PodSummary } from "./pod-summary.ts";
import { removeStored } from "./stored.ts";

/**
 * Removes what belonged to an object that is gone: ReplicaSets and Jobs, and pods. So deleting an object is one step, and
 * a crash after it loses nothing. True when objects were removed.
 */
export function collectOrphans(
  host: Host,
  deps: DriverDeps,
  objects: readonly WorkloadObject[],
  pods: readonly PodSummary[],
): boolean {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  const orphans = objects.filter((object) => {
    const owner = controllerOf(object);
    return owner !== undefined && !uids.has(owner.uid);
  });
  for (const orphan of orphans) {
    removeStored(host, orphan);
    uids.delete(orphan.metadata.uid);
  }
  for (const pod of pods)
    if (pod.owner !== undefined && !uids.has(pod.owner) && isOurs(pod) && !pod.terminating)
      operationsOf(host).remove(pod.uid, () => deps.removePod(pod.uid));
  return orphans.length > 0;
}

/** Owned by one of the kinds that are stored here; others' references mean nothing to us. */
const isOurs = ({ ownerKind }: PodSummary): boolean =>
  isWorkload(ownerKind === undefined ? {} : { kind: ownerKind });
