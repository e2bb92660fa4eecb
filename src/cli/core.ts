import type { createPod } from "../pod/create.ts";
import type { recover } from "../pod/recover.ts";
import type { removePod } from "../pod/remove.ts";
import type { killPod, stopPod } from "../pod/stop.ts";
import type { PodView } from "../pod/view.ts";
import type { listPods, viewPod } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import type { PodEvent } from "../state/events.ts";

export type { PodSession } from "../pod/session.ts";

/** What the commands use of the pod layer. */
export interface Core {
  recover: typeof recover;
  createPod: typeof createPod;
  listPods: typeof listPods;
  viewPod: typeof viewPod;
  stopPod: typeof stopPod;
  killPod: typeof killPod;
  removePod: typeof removePod;
  readEvents(host: Host, view: PodView): PodEvent[];
}

/** Loads the pod layer, which most commands need and `version` does not. */
export async function loadCore(): Promise<Core> {
  const [create, recovery, remove, stop, views, paths, events] = await Promise.all([
    import("../pod/create.ts"),
    import("../pod/recover.ts"),
    import("../pod/remove.ts"),
    import("../pod/stop.ts"),
    import("../pod/views.ts"),
    import("../state/paths.ts"),
    import("../state/events.ts"),
  ]);
  return {
    ...create,
    ...recovery,
    ...remove,
    ...stop,
    ...views,
    readEvents: (host, view) => events.readEvents(paths.podPaths(host.paths, view.record).events),
  };
}
