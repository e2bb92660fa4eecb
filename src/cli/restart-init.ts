import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { attemptExitCode } from "../pod/outcome.ts";
import { restartInit as ask } from "../pod/restart-init.ts";
import { type InitAgain, initAgain, initOnly } from "../pod/supervise/init-again.ts";
import type { PodView } from "../pod/view.ts";
import type { Context } from "./context.ts";
import { lookingAfter } from "./look-after.ts";
import type { Pods } from "./pods.ts";

const POLL_MS = 20;

/**
 * Has the init containers of a running pod run again, and waits for their end; returns what is then said of it. Should
 * the command be killed, they are run all the same.
 *
 * @throws TspodError TS3446 when they cannot be run, TS3449 when they do not come to a good end
 */
export async function restartInit(context: Context, pods: Pods, before: PodView): Promise<string> {
  const { core, host } = pods;
  const { name, uid } = before.record;
  await ask(host, before);
  const lookAfter = lookingAfter(context, pods);
  for (;;) {
    const view = core.viewPod(host, uid);
    if (!view) throw cutOff(name, "was removed");
    const now = initAgain(view);
    if (now?.is === "done") return success(view);
    // Looked at again: what ends a pod says so first, and then ends its containers.
    const { phase } = core.viewPod(host, uid)?.sandbox ?? { phase: "removing" };
    if (!now || phase === "recreating") throw cutOff(name, "has begun anew, init containers and all,");
    if (phase !== "ready") throw cutOff(name, "was stopped or has ended");
    if (now.is === "failed") throw failed(name, now);
    const waiting = view.containers.find((one) => one.name === now.name)?.waiting;
    if (now.is === "next" && waiting) throw notYet(name, now.name, waiting.message);
    await lookAfter();
    await sleep(POLL_MS);
  }
}

function success({ record }: PodView): string {
  const names = initOnly(record.pod.spec).map(({ name }) => name);
  const what =
    names.length === 1
      ? `init container ${names[0]} has run`
      : `init containers ${names.join(", ")} have run`;
  return `pod/${record.name}: ${what} again\n`;
}

function failed(pod: string, { name, attempt }: Extract<InitAgain, { is: "failed" }>): TspodError {
  const code = attemptExitCode(attempt);
  const { error } = attempt.record;
  const how = error ? `could not be started: ${error.message}` : `failed with exit code ${code}`;
  return new TspodError({
    code: "TS3449",
    message: `init container ${JSON.stringify(name)} of pod ${JSON.stringify(pod)} ${how}; the containers go on`,
    hint: `tspod logs ${pod} -c ${name}; then once more: tspod restart --init ${pod}`,
    exitCode: code,
  });
}

function notYet(pod: string, name: string, why: string): TspodError {
  return new TspodError({
    code: "TS3449",
    message: `init container ${JSON.stringify(name)} of pod ${JSON.stringify(pod)} cannot be started yet: ${why}`,
    hint: "it is tried again",
    exitCode: ExitCode.failure,
  });
}

function cutOff(pod: string, what: string): TspodError {
  return new TspodError({
    code: "TS3449",
    message: `pod ${JSON.stringify(pod)} ${what} before its init containers had run again`,
    exitCode: ExitCode.conflict,
  });
}
