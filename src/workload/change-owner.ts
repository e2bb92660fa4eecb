import type { WorkloadObject } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { updatePod } from "../state/update-pod.ts";
import { withOwner } from "./owner.ts";

/** Makes pods the object's (`adopt`), or nobody's; one that is gone meanwhile is left alone. */
export function changeOwner(
  host: Host,
  object: WorkloadObject,
  pods: readonly Pick<PodRecord, "uid" | "name" | "namespace">[],
  { adopt }: { adopt: boolean },
): void {
  for (const pod of pods)
    updatePod(podPaths(host.paths, pod), (now) => ({
      ...now,
      pod: { ...now.pod, metadata: withOwner(now.pod.metadata ?? {}, object, { adopt }) },
    }));
}
