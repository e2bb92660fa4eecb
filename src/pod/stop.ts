import type { TspodError } from "../errors/tspod-error.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";
import { stopSandbox } from "../runtime/sandbox.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { takeLock } from "../state/lock.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord, SandboxPhase, SandboxRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { endContainers, runningIn } from "./end-containers.ts";
import { signalContainer } from "./end-signal.ts";
import { EventRecorder } from "./events.ts";
import { keepEnd } from "./kept.ts";
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
}

/**
 * Asks all containers to end at once (sidecars when the others have), kills at the end of the grace period what has
 * not, then takes the sandbox down, the holder last. The records and logs stay. Returns what could not be taken down.
 */
export async function stopPod(host: Host, view: PodView, options: StopOptions = {}): Promise<TspodError[]> {
  // Held so that no other command takes the stop for an interrupted one; a foreground `run` may have it already.
  const lock = takeLock(podPaths(host.paths, view.record).lock, { wait: false });
  try {
    if (options.container === undefined) return await endPod(host, view, { ...options, phase: "stopping" });
    await endRunning(host, view, options);
    return [];
  } finally {
    lock?.release();
  }
}

/**
 * The end of a pod: `stopping` when somebody asked for it, `ending` when it is over by itself. From the moment that the
 * phase is written nobody starts anything in it.
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
): Promise<TspodError[]> {
  const paths = podPaths(host.paths, view.record);
  const { phase, reason, message } = options;
  const graceSeconds = graceOf(view, options);
  const stoppedAt = host.now().toISOString();
  const lost = options.lostInfra ? { lostInfra: options.lostInfra } : {};
  announce(paths, { phase, reason, message, stoppedAt, graceSeconds, ...lost });
  // Looked at again: what was being started has been started by now.
  await endRunning(host, viewPod(host, view.record.uid) ?? view, options);
  return finishPod(host, paths, {});
}

async function endRunning(host: Host, view: PodView, options: StopOptions): Promise<void> {
  await endContainers(host, view, runningIn(view, options.container), {
    events: new EventRecorder(host, podPaths(host.paths, view.record)),
    graceSeconds: graceOf(view, options),
    ...(options.hurry ? { hurry: options.hurry } : {}),
  });
}

function graceOf({ record }: PodView, { graceSeconds }: StopOptions): number {
  return graceSeconds ?? record.pod.spec?.terminationGracePeriodSeconds ?? 30;
}

/** Takes the sandbox of a pod down whose containers are done, and says so in its record. */
export function finishPod(
  host: Host,
  paths: PodPaths,
  why: Pick<SandboxRecord, "reason" | "message">,
): TspodError[] {
  const failures = stopSandbox(host, paths);
  noteEnd(host, paths);
  update(paths, { phase: "stopped", ...why, stoppedAt: host.now().toISOString() });
  return failures;
}

/** On a full disk, or beside a removal, the note is all that is missing. */
function noteEnd(host: Host, paths: PodPaths): void {
  const view = viewPod(host, paths.uid);
  if (!view) return;
  const { phase } = podStatus({ ...view, sandbox: { ...view.sandbox, phase: "stopped" } });
  try {
    keepEnd(paths, phase === "Succeeded" ? "Succeeded" : "Failed");
  } catch (error) {
    if (!isDiskFull(error) && (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

/** Signals one container, or all of a pod. */
export function killPod(host: Host, view: PodView, options: { signal: number; container?: string }): void {
  for (const { record } of runningIn(view, options.container)) signalContainer(host, record, options.signal);
}

type Change = {
  phase: SandboxPhase;
  reason?: string | undefined;
  message?: string | undefined;
  stoppedAt: string;
  graceSeconds?: number;
  lostInfra?: ProcessRef;
};

/** On a full disk the stop goes on unannounced. */
function announce(paths: PodPaths, change: Change): void {
  try {
    update(paths, change);
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

function update(paths: PodPaths, { reason, message, ...rest }: Change): void {
  inTurn(paths, () =>
    writeSandbox(paths, {
      ...(readSandbox(paths) ?? freshSandbox()),
      ...rest,
      ...(reason ? { reason } : {}),
      ...(message ? { message } : {}),
    }),
  );
}

/** When the grace period of an end in progress is over (ms since 1970); 0 when nobody is ending the pod. */
export function stopDeadline(record: PodRecord, { phase, stoppedAt, graceSeconds }: SandboxRecord): number {
  if ((phase !== "stopping" && phase !== "ending") || stoppedAt === undefined) return 0;
  return (
    Date.parse(stoppedAt) + (graceSeconds ?? record.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000
  );
}
