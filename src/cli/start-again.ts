import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { startDaemon } from "./daemon-start.ts";
import { lookingAfter } from "./look-after.ts";
import type { Pods } from "./pods.ts";

const POLL_MS = 20;

/** Events that tell why a pod has no sandbox yet. */
const NO_SANDBOX = ["FailedCreatePodSandBox", "FailedMount", "FailedScheduling"];

/**
 * Lets a pod that is stopped run again, and waits until the daemon has started its containers or it has ended. `shared`:
 * another command may have started it meanwhile, and that is as good.
 *
 * @throws TspodError TS3447 when it is not stopped, TS3448 when its sandbox cannot be made yet, TS5012 when it is removed
 */
export async function startAgain(
  context: Context,
  pods: Pods,
  view: PodView,
  { shared = false } = {},
): Promise<void> {
  const { core, host } = pods;
  const { uid, name } = view.record;
  const begun = context.now().toISOString();
  for (;;) {
    try {
      await core.startPod(host, view, { warn: context.warn });
      break;
    } catch (error) {
      const phase = core.viewPod(host, uid)?.sandbox.phase;
      if (!shared || !core.isNotStopped(error) || phase === undefined || phase === "removing") throw error;
      if (phase === "ready" || phase === "recreating") break;
      // Another is stopping it once more.
      await sleep(POLL_MS);
    }
  }
  await startDaemon(host);
  const lookAfter = lookingAfter(context, pods);
  for (;;) {
    const now = core.viewPod(host, uid);
    if (!now) throw removedMeanwhile(name);
    if (now.sandbox.phase === "stopped") return;
    const events = core.readEvents(host, now).filter(({ time }) => time >= begun);
    const failed = events.find(({ reason }) => NO_SANDBOX.includes(reason));
    if (failed && now.sandbox.phase === "recreating") throw cannotStart(name, failed.message);
    // What cannot be started for want of an image is tried again: nothing to wait for here.
    if (now.sandbox.phase === "ready" && (hasBegun(now) || events.some(({ reason }) => reason === "Failed")))
      return;
    await lookAfter();
    await sleep(POLL_MS);
  }
}

/** In the new sandbox: all containers, or the first of the init containers, which the others wait for. */
function hasBegun({ sandbox, containers }: PodView): boolean {
  const begun = ({ attempts }: PodView["containers"][number]) =>
    (attempts.at(-1)?.record.round ?? -1) === (sandbox.round ?? 0);
  const init = containers.filter(({ kind }) => kind === "init");
  return init.length > 0 ? init.some(begun) : containers.filter(({ kind }) => kind === "app").every(begun);
}

function removedMeanwhile(name: string): TspodError {
  return new TspodError({
    code: "TS5012",
    message: `pod "${name}" was removed while it was being started`,
    exitCode: ExitCode.conflict,
  });
}

function cannotStart(name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3448",
    message: `pod "${name}" cannot be started yet: ${why}`,
    hint: `it is tried again; to give up: tspod stop ${name}`,
    exitCode: ExitCode.failure,
  });
}
