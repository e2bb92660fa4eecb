import type { PodSpec } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { resizePod } from "./resize.ts";
import { stopPod } from "./stop.ts";
import type { PodView } from "./view.ts";

/**
 * Gives a pod's containers other cpu and memory; those whose `resizePolicy` says RestartContainer are ended, and whoever
 * supervises the pod starts them again. Returns the names of the containers that were. @throws TspodError as `resizePod`
 */
export async function changeResources(
  host: Host,
  view: PodView,
  change: (spec: PodSpec) => PodSpec,
): Promise<string[]> {
  const { restart } = resizePod(host, view, change);
  for (const container of restart) await stopPod(host, view, { container });
  return restart;
}
