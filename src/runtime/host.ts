import type { ImageStore } from "../image/index.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Paths } from "../state/paths.ts";

/** What every verb of the runtime is given: no globals, so that tests and several roots live side by side. */
export interface Host {
  paths: Paths;
  kernel: Kernel;
  images: ImageStore;
  now(): Date;
  /** Phase timings in nanoseconds, when asked for. */
  timing?(phase: string, ns: bigint): void;
}
