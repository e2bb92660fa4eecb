import type { PodView } from "../pod/view.ts";
import type { Host } from "../runtime/host.ts";
import type { PodEvent } from "../state/events.ts";

export type { PodSession } from "../pod/session.ts";

/** The verbs of the pod layer, and the events of a pod. */
export type Core = typeof import("../pod/index.ts") & {
  readEvents(host: Host, view: PodView): PodEvent[];
};

/** Loads the pod layer, which most commands need and `version` does not. */
export async function loadCore(): Promise<Core> {
  const [pod, paths, events] = await Promise.all([
    import("../pod/index.ts"),
    import("../state/paths.ts"),
    import("../state/events.ts"),
  ]);
  return {
    ...pod,
    readEvents: (host, view) => events.readEvents(paths.podPaths(host.paths, view.record).events),
  };
}
