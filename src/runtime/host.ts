import type { ImageStore } from "../image/index.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { MachineFacts } from "../plan/machine-facts.ts";
import type { Paths } from "../state/paths.ts";

/** What every verb of the runtime is given: no globals, so that tests and several roots live side by side. */
export interface Host {
  paths: Paths;
  kernel: Kernel;
  images: ImageStore;
  /** Read when first asked for. */
  facts(): MachineFacts;
  now(): Date;
  /**
   * Milliseconds in which so many seconds of a pod's life pass: back-offs, probe periods, deadlines, grace periods.
   * Tests make pods live faster than clocks go (TSPOD_SPEED).
   */
  seconds(count: number): number;
  /** Phase timings in nanoseconds, when asked for. */
  timing?: (phase: string, ns: bigint) => void;
}

/** Runs a piece of work and reports how long it took. */
export function timed<T>(host: Host, phase: string, work: () => T): T {
  if (!host.timing) return work();
  const begun = process.hrtime.bigint();
  try {
    return work();
  } finally {
    host.timing(phase, process.hrtime.bigint() - begun);
  }
}
