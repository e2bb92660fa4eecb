import { hasCode } from "../errors/errno.ts";
import type { TspodError } from "../errors/tspod-error.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";
import { podSeconds } from "../runtime/pod-time.ts";
import { stopSandbox } from "../runtime/sandbox.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { takeLock } from "../state/lock.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn, inTurnSoon } from "../state/turn.ts";
import { keepEnd } from "../state/update-pod.ts";
import { endContainers, runningIn } from "./end-containers.ts";
import { signalContainer } from "./end-signal.ts";
import { EventRecorder } from "./events.ts";
import { manifestGrace } from "./grace.ts";
import { podStatus } from "./status.ts";
import type { PodView } from "./view.ts";
import { freshSandbox, viewPod } from "./views.ts";

export interface StopOptions {
  /** Seconds between TERM and KILL; the manifest's terminationGracePeriodSeconds if not given. */
  graceSeconds?: number;
  /** Only this container; the sandbox and its neighbours go on, and its restart policy decides what follows. */
  container?: string;
  /** Ends the wait: KILL at once. */
  hurry?: AbortSignal;
  /** It is stopped to be removed. */
  deleting?: true;
}

/**
 * Asks all containers to end at once (sidecars when the others have), kills at the end of the grace period what has
 * not, then takes the sandbox down, the holder last. The records and logs stay. Returns what could not be taken down.
 */
export async function stopPod(host: Host, view: PodView, options: StopOptions = {}): Promise<TspodError[]> {
  // Held so that no other command takes the stop for an interrupted one; a foreground `run` may have it already.
  const lock = takeLock(podPaths(host.paths, view.record).lock, { wait: false, make: false });
  try {
    if (options.container === undefined)
      return (await endPod(host, view, { ...options, phase: "stopping" })) ?? [];
    await endRunning(host, view, options);
    return [];
  } finally {
    lock?.release();
  }
}

/**
 * The end of a pod: `stopping` when somebody asked for it, `ending` when it is over by itself. From the moment that the
 * phase is written nobody starts anything in it. Undefined when it has become what is not to be ended (any more): others
 * may have stopped it, and started it again, since it was looked at.
 */
export async function endPod(
  host: Host,
  view: PodView,
  options: StopOptions & {
    phase: "stopping" | "ending";
    reason?: string;
    message?: string;
    lostInfra?: ProcessRef;
  },
): Promise<TspodError[] | undefined> {
  const paths = podPaths(host.paths, view.record);
  const { phase, reason, message, deleting } = options;
  const graceSeconds = graceOf(view, options);
  const stoppedAt = host.now().toISOString();
  const lost = options.lostInfra ? { lostInfra: options.lostInfra } : {};
  const announced = await announce(paths, view.sandbox, {
    phase,
    reason,
    message,
    stoppedAt,
    graceSeconds,
    ...lost,
    ...(deleting ? { deleting } : {}),
  });
  if (!announced) return undefined;
  // Looked at again: what was being started has been started by now.
  await endRunning(host, viewPod(host, view.record.uid) ?? view, options);
  return inTurnSoon(paths, () => takeDown(host, paths, announced));
}

async function endRunning(host: Host, view: PodView, options: StopOptions): Promise<void> {
  await endContainers(host, view, runningIn(view, options.container), {
    events: new EventRecorder(host, podPaths(host.paths, view.record)),
    graceSeconds: graceOf(view, options),
    ...(options.hurry ? { hurry: options.hurry } : {}),
  });
}

function graceOf({ record }: PodView, { graceSeconds }: StopOptions): number {
  return graceSeconds ?? manifestGrace(record);
}

/** Takes the sandbox of a pod down whose containers are done, and says so in its record. */
export function finishPod(host: Host, paths: PodPaths, seen: SandboxRecord): TspodError[] {
  return inTurn(paths, () => takeDown(host, paths, seen)) ?? [];
}

/** The caller has the turn. What another has taken down, and maybe started again, since then is left alone. */
function takeDown(host: Host, paths: PodPaths, seen: SandboxRecord): TspodError[] {
  const now = readSandbox(paths);
  if (!now || now.phase === "stopped" || now.phase === "removing") return [];
  if (isStartedAgain(now, seen)) return [];
  const failures = stopSandbox(host, paths);
  noteEnd(host, paths);
  writeSandbox(paths, { ...now, phase: "stopped", stoppedAt: host.now().toISOString() });
  return failures;
}

function isStartedAgain(now: SandboxRecord, seen: SandboxRecord): boolean {
  if ((now.round ?? 0) !== (seen.round ?? 0)) return true;
  return now.phase === "recreating" && seen.phase !== "recreating";
}

/** On a full disk, or beside a removal, the note is all that is missing. */
function noteEnd(host: Host, paths: PodPaths): void {
  const view = viewPod(host, paths.uid);
  if (!view) return;
  const { phase } = podStatus({ ...view, sandbox: { ...view.sandbox, phase: "stopped" } });
  try {
    keepEnd(paths, phase === "Succeeded" ? "Succeeded" : "Failed");
  } catch (error) {
    if (!isDiskFull(error) && !hasCode(error, "ENOENT")) throw error;
  }
}

/** Signals one container, or all of a pod. */
export function killPod(host: Host, view: PodView, options: { signal: number; container?: string }): void {
  for (const { record } of runningIn(view, options.container)) signalContainer(host, record, options.signal);
}

type Change = {
  phase: "stopping" | "ending";
  reason?: string | undefined;
  message?: string | undefined;
  stoppedAt: string;
  graceSeconds?: number;
  lostInfra?: ProcessRef;
  deleting?: true;
};

/** The record as it is then; undefined when there is nothing to end. On a full disk the stop goes on unannounced. */
function announce(paths: PodPaths, seen: SandboxRecord, change: Change): Promise<SandboxRecord | undefined> {
  const { reason, message, ...rest } = change;
  return inTurnSoon(paths, () => {
    const now = readSandbox(paths) ?? freshSandbox();
    if (!mayEnd(now, seen, change.phase)) return undefined;
    // Whoever goes on with an end has no more time for it than the one who began.
    if (change.phase === "ending" && now.phase === "ending") return now;
    const after = { ...now, ...rest, ...(reason ? { reason } : {}), ...(message ? { message } : {}) };
    try {
      writeSandbox(paths, after);
      return after;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      return now;
    }
  });
}

/** A stop is meant for whatever the pod has become meanwhile; an end by itself for the pod that was looked at. */
function mayEnd(now: SandboxRecord, seen: SandboxRecord, phase: "stopping" | "ending"): boolean {
  if (now.phase === "stopped" || now.phase === "removing") return false;
  return phase === "stopping" || (now.phase !== "stopping" && !isStartedAgain(now, seen));
}

/** When the grace period of an end in progress is over (ms since 1970); 0 when nobody is ending the pod. */
export function stopDeadline(record: PodRecord, { phase, stoppedAt, graceSeconds }: SandboxRecord): number {
  if ((phase !== "stopping" && phase !== "ending") || stoppedAt === undefined) return 0;
  return Date.parse(stoppedAt) + podSeconds(graceSeconds ?? manifestGrace(record));
}
