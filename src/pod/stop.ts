import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { TspodError } from "../errors/tspod-error.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";
import { stopSandbox } from "../runtime/sandbox.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { takeLock } from "../state/lock.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { ContainerRecord, PodRecord, SandboxRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { processEnd } from "./await.ts";
import { EventRecorder } from "./events.ts";
import type { PodView } from "./view.ts";
import { freshSandbox } from "./views.ts";

export interface StopOptions {
  /** Seconds between TERM and KILL; the manifest's terminationGracePeriodSeconds if not given. */
  graceSeconds?: number;
  /** Only this container; the sandbox and its neighbours go on. */
  container?: string;
  /** Ends the wait: KILL at once. */
  hurry?: AbortSignal;
}

/** How often a process that cannot hear TERM yet is looked at again (ms). */
const HEARING_INTERVAL = 20;

/**
 * Asks all containers to end at once, kills at the end of the grace period what has not, then takes the sandbox down,
 * the holder last. The records and logs stay. Returns what could not be taken down.
 */
export async function stopPod(host: Host, view: PodView, options: StopOptions = {}): Promise<TspodError[]> {
  // Held so that no other command takes the stop for an interrupted one; a foreground `run` may have it already.
  const lock = takeLock(podPaths(host.paths, view.record).lock, { wait: false });
  try {
    return await stopRunning(host, view, options);
  } finally {
    lock?.release();
  }
}

async function stopRunning(host: Host, view: PodView, options: StopOptions): Promise<TspodError[]> {
  const paths = podPaths(host.paths, view.record);
  const running = view.containers
    .filter(({ name }) => options.container === undefined || name === options.container)
    .flatMap(({ kind, attempts }) =>
      attempts.filter(({ alive }) => alive).map(({ record }) => ({ kind, record })),
    );
  const events = new EventRecorder(host, paths);
  for (const { kind, record } of running) {
    events.container(kind, record.name, "Normal", "Killing", `Stopping container ${record.name}`);
  }
  if (options.container === undefined) announce(paths, host.now());
  const grace = options.graceSeconds ?? view.record.pod.spec?.terminationGracePeriodSeconds ?? 30;
  await Promise.all(running.map(({ record }) => stopContainer(host, record, grace, options.hurry)));
  if (options.container !== undefined) return [];
  return finishPod(host, paths, {});
}

/** Takes the sandbox of a pod down whose containers are done, and says so in its record. */
export function finishPod(
  host: Host,
  paths: PodPaths,
  why: Pick<SandboxRecord, "reason" | "message">,
): TspodError[] {
  const failures = stopSandbox(host, paths);
  update(paths, { phase: "stopped", ...why, stoppedAt: host.now().toISOString() });
  return failures;
}

/** Signals one container, or all of a pod. */
export function killPod(host: Host, view: PodView, options: { signal: number; container?: string }): void {
  for (const { name, attempts } of view.containers) {
    if (options.container !== undefined && name !== options.container) continue;
    for (const { record, alive } of attempts) if (alive) signal(host, record, options.signal);
  }
}

async function stopContainer(
  host: Host,
  record: ContainerRecord,
  graceSeconds: number,
  hurry: AbortSignal | undefined,
): Promise<void> {
  const { process, monitor } = record;
  if (!process) return;
  const ended = new AbortController();
  // The monitor ends last, but it may have been killed, and not have taken its container with it.
  const both = [process, ...(monitor ? [monitor] : [])].map((one) => processEnd(host, one));
  const over = Promise.all(both).then(() => ended.abort());
  if (graceSeconds > 0 && !hurry?.aborted) {
    signal(host, record, record.stopSignal);
    const deadline = deadlineOf(graceSeconds, ended.signal, hurry);
    void signalWhenHeard(host, record, AbortSignal.any([ended.signal, deadline.reached]));
    await Promise.race([over, deadline.done]);
  }
  if (!ended.signal.aborted) host.kernel.cgroupKill(record.cgroup);
  await over;
}

function deadlineOf(seconds: number, ended: AbortSignal, hurry: AbortSignal | undefined) {
  const reached = new AbortController();
  const signals = hurry ? [ended, hurry] : [ended];
  const done = sleep(seconds * 1000, undefined, { signal: AbortSignal.any(signals) })
    .catch(() => undefined)
    .then(() => reached.abort());
  return { done, reached: reached.signal };
}

/**
 * PID 1 of a PID namespace ignores a signal it has no handler for, and one that came before the program had set its
 * handler is lost. So as long as the process does not catch it, we look again, and repeat it once it does.
 */
async function signalWhenHeard(host: Host, record: ContainerRecord, until: AbortSignal): Promise<void> {
  if (!record.process || catches(record.process, record.stopSignal)) return;
  while (!until.aborted) {
    await sleep(HEARING_INTERVAL, undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) return;
    if (!catches(record.process, record.stopSignal)) continue;
    signal(host, record, record.stopSignal);
    return;
  }
}

/** Whether /proc/<pid>/status says the process has a handler for the signal (SigCgt, bit n-1). */
function catches({ pid }: ProcessRef, number: number): boolean {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1] ?? "0";
    return ((BigInt(`0x${mask}`) >> BigInt(number - 1)) & 1n) === 1n;
  } catch {
    return true;
  }
}

function signal(host: Host, record: ContainerRecord, number: number): void {
  if (number === constants.signals.SIGKILL) {
    host.kernel.cgroupKill(record.cgroup);
    return;
  }
  const pidfd = record.process && host.kernel.openProcess(record.process);
  if (pidfd === undefined) return;
  try {
    host.kernel.signal(pidfd, number);
  } finally {
    host.kernel.close(pidfd);
  }
}

/** On a full disk the stop goes on unannounced. */
function announce(paths: PodPaths, now: Date): void {
  try {
    update(paths, { phase: "stopping", stoppedAt: now.toISOString() });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

function update(paths: PodPaths, change: Partial<SandboxRecord>): void {
  const { reason, message, ...rest } = change;
  writeSandbox(paths, {
    ...(readSandbox(paths) ?? freshSandbox()),
    ...rest,
    ...(reason ? { reason } : {}),
    ...(message ? { message } : {}),
  });
}

/** When the grace period of a stop in progress is over (ms since 1970); 0 when nobody is stopping the pod. */
export function stopDeadline(record: PodRecord, sandbox: SandboxRecord): number {
  if (sandbox.phase !== "stopping" || sandbox.stoppedAt === undefined) return 0;
  return Date.parse(sandbox.stoppedAt) + (record.pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}
