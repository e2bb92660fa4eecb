import type { ContainerOp } from "../plan/container-op.ts";

export const unlimited = 2n ** 64n - 1n;

/** Limit of one resource: the soft one counts, and can be raised up to the hard one. */
export interface Rlimit {
  soft: bigint;
  hard: bigint;
}

/** Resources by number (include/uapi/asm-generic/resource.h), named as in /proc/<pid>/limits. */
export const rlimitNames = [
  "Max cpu time",
  "Max file size",
  "Max data size",
  "Max stack size",
  "Max core file size",
  "Max resident set",
  "Max processes",
  "Max open files",
  "Max locked memory",
  "Max address space",
  "Max file locks",
  "Max pending signals",
  "Max msgqueue size",
  "Max nice priority",
  "Max realtime priority",
  "Max realtime timeout",
] as const;

const without: Rlimit = { soft: unlimited, hard: unlimited };

/**
 * The limits a container starts with, whatever shell tspod was started from: a manifest that works here works
 * elsewhere. Processes are limited by the pod's cgroup (RLIMIT_NPROC counts a user's processes on the whole
 * host, so pods would starve each other); the rest is what a service gets from the kernel or from systemd.
 * Pending signals, niceness and realtime are the host's affair.
 */
const defaults: Partial<Record<number, Rlimit>> = {
  0: without,
  1: without,
  2: without,
  3: { soft: 8n << 20n, hard: unlimited },
  4: { soft: 0n, hard: unlimited },
  5: without,
  6: without,
  7: { soft: 1n << 20n, hard: 1n << 20n },
  9: without,
  10: without,
};

/** The hard limit of Linux machines before systemd 240: with less, ordinary server programs run out of files. */
const scarceFiles = 4096n;

/**
 * Ops for the limits that differ from tspod's own, `current`. A hard limit can be raised with CAP_SYS_RESOURCE
 * only; without, the default is cut to what there is. A note says so, for the pod's events; where ordinary programs
 * would notice, a warning does.
 */
export function rlimitOps(
  current: readonly (Rlimit | undefined)[],
  sysResource: boolean,
): { ops: ContainerOp[]; warnings: string[]; notes: string[] } {
  const ops: ContainerOp[] = [];
  const warnings: string[] = [];
  const notes: string[] = [];
  for (const [key, wanted] of Object.entries(defaults)) {
    const resource = Number(key);
    const own = current[resource];
    if (wanted === undefined || own === undefined) continue;
    const hard = sysResource || wanted.hard <= own.hard ? wanted.hard : own.hard;
    const soft = wanted.soft < hard ? wanted.soft : hard;
    if (resource === 7 && soft < wanted.soft) {
      const list = soft < scarceFiles ? warnings : notes;
      list.push(
        `open files are limited to ${soft}: root lacks CAP_SYS_RESOURCE here and cannot raise the limit tspod was started with (ulimit -Hn)`,
      );
    }
    if (soft !== own.soft || hard !== own.hard) ops.push({ op: "rlimit", resource, soft, hard });
  }
  return { ops, warnings, notes };
}
