import type { Container } from "../../manifest/index.ts";
import type { Host } from "../../runtime/host.ts";
import { openSandbox, releaseSandbox, type Sandbox } from "../../runtime/sandbox.ts";
import type { PodPaths } from "../../state/paths.ts";
import type { ContainerRecord } from "../../state/record.ts";
import { inTurnSoon } from "../../state/turn.ts";
import type { EventRecorder } from "../events.ts";
import { podPlanInput } from "../plan-input.ts";
import type { PreparedContainer } from "../prepare-container.ts";
import type { PodView } from "../view.ts";
import { viewPod } from "../views.ts";
import { retireAttempts, startAttempt } from "./attempt.ts";
import type { Start } from "./next.ts";

export interface StartInTurn {
  start: Start;
  container: Container;
  prepared: PreparedContainer;
  events: EventRecorder;
  /** What cannot be started leaves a record that says so. */
  record: boolean;
  /** Others may have acted since it was decided: what was to be started then may not be now. */
  isWanted(view: PodView): boolean;
  warn(message: string): void;
}

/** Starts the next attempt of a container when nobody else acts on the pod; undefined when it is not wanted any more. */
export async function startInTurn(
  host: Host,
  paths: PodPaths,
  { start, container, prepared, events, record, isWanted, warn }: StartInTurn,
): Promise<ContainerRecord | undefined> {
  return inTurnSoon(paths, () => {
    const view = viewPod(host, paths.uid);
    if (!view || !isWanted(view)) return undefined;
    const sandbox = openSandbox(host, paths, view.sandbox);
    if (!sandbox) return undefined;
    try {
      const { input } = podPlanInput(host, { record: view.record, paths }, () => view.sandbox.ip);
      const round = view.sandbox.round ?? 0;
      const wanted = { start, container, prepared, input, sandbox, round, events };
      const made = startAttempt(host, paths, wanted, { record });
      retire(host, paths, { sandbox, name: start.name, warn });
      return made;
    } finally {
      releaseSandbox(host, sandbox);
    }
  });
}

/** What cannot be let go of now is let go of at the next start. */
function retire(
  host: Host,
  paths: PodPaths,
  { sandbox, name, warn }: { sandbox: Sandbox; name: string; warn(message: string): void },
): void {
  try {
    retireAttempts(host, paths, sandbox, name);
  } catch (error) {
    warn(`clean-up: ${(error as Error).message}`);
  }
}
