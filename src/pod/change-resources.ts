import type { PodSpec } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { refreshed } from "./metadata.ts";
import type { Refreshed } from "./refresh.ts";
import { resizePod } from "./resize.ts";
import { stopPod } from "./stop.ts";
import type { PodView } from "./view.ts";

/**
 * Gives a pod's containers other cpu and memory, and brings them into its downwardAPI volumes; containers whose
 * `resizePolicy` says RestartContainer are ended, and whoever supervises the pod starts them again. @throws TspodError as
 * `resizePod`
 */
export async function changeResources(
  host: Host,
  view: PodView,
  change: (spec: PodSpec) => PodSpec,
): Promise<Refreshed> {
  const { record, restart } = resizePod(host, view, change);
  const volumes = refreshed(host, view, record);
  for (const container of restart) await stopPod(host, view, { container });
  return volumes;
}
