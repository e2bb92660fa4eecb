/** What the formulas need to know of the machine. Found by `kernel/host-facts/machine.ts`. */
export interface CgroupHost {
  /** MemTotal of /proc/meminfo. */
  memoryBytes: number;
  /** The least of kernel.pid_max and kernel.threads-max. */
  processLimit: number;
  /** oom_score_adj of tspod itself; only CAP_SYS_RESOURCE may go below it. */
  oomScoreAdj: number;
  /** CAP_SYS_RESOURCE is in the effective set. */
  sysResource: boolean;
}

/**
 * Processes and threads a pod may have. A manifest cannot say it; a kubelet can (`podPidsLimit`, off by default).
 * Off would let one fork bomb take every pid of a single machine, so: 16384, which no ordinary program comes
 * near, and never more than half of what the host has.
 */
export function podPidsLimit(host: CgroupHost): number {
  return Math.min(16_384, Math.floor(host.processLimit / 2));
}
