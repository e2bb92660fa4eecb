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
    if (!now || now.sandbox.phase === "ready" || now.sandbox.phase === "stopped") return;
    const failed = core
      .readEvents(host, now)
      .slice(seen)
      .find(({ reason }) => reason === "FailedCreatePodSandBox");
    if (failed) throw cannotStart(name, failed.message);
    await sleep(POLL_MS);
  }
}

function cannotStart(name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3448",
    message: `pod "${name}" cannot be started yet: ${why}`,
    hint: `it is tried again; to give up: tspod stop ${name}`,
    exitCode: ExitCode.failure,
  });
}
