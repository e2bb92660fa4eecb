import type { WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import { readPod } from "../state/records.ts";
import { updatePod } from "../state/update-pod.ts";
import { ownedBy } from "./owner.ts";
import type { PodSummary } from "./pod-summary.ts";

/** Makes pods the object's (`adopt`), or nobody's; one that is gone meanwhile is left alone. */
export function changeOwner(
  host: Host,
  object: WorkloadObject,
  pods: readonly PodSummary[],
  { adopt }: { adopt: boolean },
): void {
  for (const { uid } of pods) {
    const record = readPod(host.paths, uid);
    if (!record) continue;
    updatePod(podPaths(host.paths, record), (now) => {
      const { ownerReferences = [], ...metadata } = now.pod.metadata ?? {};
      const others = ownerReferences.filter((one) => one.uid !== object.metadata.uid);
      const after = adopt ? [...others, ownedBy(object)] : others;
      return {
        ...now,
        pod: {
          ...now.pod,
          metadata: { ...metadata, ...(after.length > 0 ? { ownerReferences: after } : {}) },
        },
      };
    });
  }
}
