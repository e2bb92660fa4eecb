import { setTimeout as sleep } from "node:timers/promises";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { podStatus } from "../pod/status.ts";
import type { Context } from "./context.ts";
import type { Core, PodSession } from "./core.ts";
import { createRequest } from "./create-request.ts";
import { startDaemon } from "./daemon-start.ts";
import type { Manifests } from "./manifests.ts";
import type { Pods } from "./pods.ts";
import { releaseSessions } from "./release.ts";
import type { RunFlags } from "./run-pods.ts";
import { StopRequests } from "./stop-requests.ts";

const POLL_MS = 50;

/** `run -d`: each pod is left to itself once its containers run. If one cannot be made, none stays. */
export async function runDetached(
  context: Context,
  pods: Pods,
  manifests: Manifests,
  flags: RunFlags,
): Promise<number> {
  const sessions: PodSession[] = [];
  const requests = new StopRequests(async (force) => {
    if (force) process.exit(requests.exitCode);
  });
  try {
    for (const manifest of manifests.pods) {
      const request = createRequest(context, manifests, manifest, flags);
      sessions.push(
        await pods.core.createPod(pods.host, {
          ...request,
          foreground: false,
          cancelled: requests.cancelled,
        }),
      );
      // Its restarts, probes and end do not wait for the pods after it to be made.
      if (sessions.length < manifests.pods.length) await startDaemon(pods.host);
      if (requests.cancelled.aborted) {
        context.err("interrupted: removing what was started\n");
        await releaseSessions(pods, sessions, { remove: true });
        return requests.exitCode;
      }
    }
  } catch (error) {
    await releaseSessions(pods, sessions, { remove: true });
    throw error;
  } finally {
    requests.close();
  }
  for (const session of sessions) session.detach();
  await startDaemon(pods.host);
  for (const session of sessions) {
    context.out(`pod/${session.record.name} ${hasFailed(session) ? "failed" : "started"}\n`);
  }
  const until = flags.waitFor ?? (flags.wait ? "complete" : undefined);
  let ended = false;
  try {
    const exitCode = await waitForAll(context, pods.core, { sessions, until, timeout: flags.timeout });
    ended = until === "complete";
    return exitCode;
  } finally {
    await releaseSessions(pods, sessions, { remove: ended && flags.rm === true });
  }
}

function hasFailed(session: PodSession): boolean {
  const view = session.view();
  return view !== undefined && podStatus(view).phase === "Failed";
}

interface Wait {
  sessions: readonly PodSession[];
  until: "complete" | "ready" | undefined;
  /** Seconds. */
  timeout: number | undefined;
}

async function waitForAll(context: Context, core: Core, { sessions, until, timeout }: Wait): Promise<number> {
  if (until === undefined) {
    const failed = sessions.find(hasFailed);
    return failed ? core.podExitCode(failed.view()) || ExitCode.failure : ExitCode.ok;
  }
  const deadline = timeout === undefined ? undefined : context.now().getTime() + timeout * 1000;
  let exitCode = 0;
  for (const session of sessions) {
    const code = await (until === "ready"
      ? ready(context, core, { session, deadline })
      : complete(context, core, { session, deadline }));
    exitCode ||= code;
  }
  return exitCode;
}

interface Waiting {
  session: PodSession;
  /** Milliseconds of the epoch. */
  deadline: number | undefined;
}

async function complete(context: Context, core: Core, { session, deadline }: Waiting): Promise<number> {
  while (!session.isOver) {
    if (deadline !== undefined && context.now().getTime() >= deadline) throw tooLate(session, "complete");
    await sleep(POLL_MS);
  }
  return core.podExitCode(session.view());
}

async function ready(context: Context, core: Core, { session, deadline }: Waiting): Promise<number> {
  for (;;) {
    const view = session.view();
    if (!view) return ExitCode.failure;
    const { phase, conditions } = podStatus(view);
    if (conditions?.some(({ type, status }) => type === "Ready" && status === "True")) return 0;
    if (phase === "Succeeded" || phase === "Failed") return core.podExitCode(view);
    if (deadline !== undefined && context.now().getTime() >= deadline) throw tooLate(session, "ready");
    await sleep(POLL_MS);
  }
}

function tooLate(session: PodSession, state: string): TspodError {
  const { name } = session.record;
  return new TspodError({
    code: "TS3410",
    message: `timed out waiting for pod "${name}" to be ${state}; it goes on`,
    hint: `tspod describe ${name}`,
    exitCode: ExitCode.timeout,
  });
}
