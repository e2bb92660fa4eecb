import { readFileSync } from "node:fs";
import { constants } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessRef } from "../kernel/kernel.ts";
import type { Host } from "../runtime/host.ts";
import type { ContainerRecord } from "../state/record.ts";

/** How often a process that cannot hear a signal yet is looked at again (ms). */
const HEARING_INTERVAL = 20;

/** Signals the container's first process; KILL ends all of the container. */
export function signalContainer(host: Host, record: ContainerRecord, number: number): void {
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

/**
 * PID 1 of a PID namespace ignores a signal it has no handler for, and one that came before the program had set its
 * handler is lost. So as long as the process does not catch it, we look again, and repeat it once it does.
 */
export async function signalWhenHeard(
  host: Host,
  record: ContainerRecord,
  until: AbortSignal,
): Promise<void> {
  if (!record.process || catches(record.process, record.stopSignal)) return;
  while (!until.aborted) {
    await sleep(HEARING_INTERVAL, undefined, { signal: until }).catch(() => undefined);
    if (until.aborted) return;
    if (!catches(record.process, record.stopSignal)) continue;
    signalContainer(host, record, record.stopSignal);
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
