import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { startDaemon } from "./daemon-start.ts";
import type { Pods } from "./pods.ts";

const POLL_MS = 20;

/**
 * Lets a pod that is stopped run again, and waits until the daemon has started its containers or it has ended.
 *
 * @throws TspodError TS3447 when it is not stopped, TS3448 when its sandbox cannot be made yet
 */
export async function startAgain(context: Context, { core, host }: Pods, view: PodView): Promise<void> {
  const { uid, name } = view.record;
  const seen = core.readEvents(host, view).length;
  await core.startPod(host, view, { warn: context.warn });
  await startDaemon(host);
  for (;;) {
    const now = core.viewPod(host, uid);
    if (!now || now.sandbox.phase === "stopped") return;
    const events = core.readEvents(host, now).slice(seen);
    const failed = events.find(({ reason }) => reason === "FailedCreatePodSandBox");
    if (failed) throw cannotStart(name, failed.message);
    // What cannot be started for want of an image is tried again: nothing to wait for here.
    if (now.sandbox.phase === "ready" && (hasBegun(now) || events.some(({ reason }) => reason === "Failed")))
      return;
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

function cannotStart(name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3448",
    message: `pod "${name}" cannot be started yet: ${why}`,
    hint: `it is tried again; to give up: tspod stop ${name}`,
    exitCode: ExitCode.failure,
  });
}
