import type { PodOutcome } from "../pod/index.ts";
import type { Core, PodSession } from "./core.ts";

/**
 * Waits for the pod's end and looks at it once more: a container whose monitor was killed may still be dying when the
 * waiting ends, and would pass for one that runs.
 */
export async function outcomeOf(core: Core, session: PodSession): Promise<PodOutcome> {
  await session.wait();
  const view = session.view();
  return { exitCode: core.podExitCode(view), view };
}
