import type { Host } from "../../runtime/host.ts";
import { podPaths } from "../../state/paths.ts";
import { readSandbox, writeSandbox } from "../../state/records.ts";
import { inTurnSoon } from "../../state/turn.ts";
import { endContainers, runningIn } from "../end-containers.ts";
import type { EventRecorder } from "../events.ts";
import { manifestGrace } from "../grace.ts";
import type { PodView } from "../view.ts";

/**
 * All containers are ended, without their preStop hooks, and begin again with the init containers; sandbox and volumes
 * stay (KEP-5532).
 */
export async function beginAnew(
  host: Host,
  view: PodView,
  events: EventRecorder,
  name: string,
): Promise<void> {
  const paths = podPaths(host.paths, view.record);
  const round = view.sandbox.round ?? 0;
  events.pod("Normal", "RestartAllContainers", `Container ${name} has ended: all containers are restarted`);
  await endContainers(host, view, runningIn(view), {
    graceSeconds: manifestGrace(view.record),
    unhooked: true,
    events,
  });
  await inTurnSoon(paths, () => {
    const sandbox = readSandbox(paths);
    // `creating`: a container may ask for it before all have been started for the first time.
    const goesOn = sandbox?.phase === "ready" || sandbox?.phase === "creating";
    if (goesOn && (sandbox.round ?? 0) === round) writeSandbox(paths, { ...sandbox, round: round + 1 });
  });
}
