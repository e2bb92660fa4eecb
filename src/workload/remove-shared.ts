import type { TspodError } from "../errors/tspod-error.ts";
import { type RemoveOptions, removePod } from "../pod/remove.ts";
import type { PodView } from "../pod/view.ts";
import { viewPod } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";

/**
 * Removes a pod that somebody else may be removing as well: a command that deletes a workload, and the daemon that finds
 * its pods without an owner. Whoever comes last finds files gone under its hands; when the pod is gone, all is well.
 */
export async function removeShared(
  host: Host,
  view: PodView,
  options: RemoveOptions = {},
): Promise<TspodError[]> {
  try {
    return await removePod(host, view, options);
  } catch (error) {
    if (viewPod(host, view.record.uid) === undefined) return [];
    throw error;
  }
}
