import type { CgroupHost, CgroupLayout } from "../cgroup/index.ts";
import type { AppArmorFacts, Rlimit } from "../security/index.ts";
import type { CgroupMounts, Device } from "./root-mounts.ts";

/** What plans need to know of the machine; read once per command (runtime/facts.ts). */
export interface MachineFacts {
  nodeName: string;
  /** /proc/sys/kernel/random/boot_id: differs after a reboot. */
  bootId: string;
  layout: CgroupLayout;
  cgroupMounts: CgroupMounts;
  cgroupHost: CgroupHost;
  cpuMilli: bigint;
  memoryBytes: bigint;
  /** Permitted capabilities of tspod itself, as a mask. */
  capabilities: bigint;
  /** tspod's own limits by resource number, which containers would inherit. */
  rlimits: readonly (Rlimit | undefined)[];
  /** `/sys/devices/system/cpu/cpu<n>/thermal_throttle`, to be masked (GHSA-6fw5-f8r9-fgfm). */
  throttleFolders: readonly string[];
  appArmor: AppArmorFacts;
  /** Memory can be swapped to a disk, and a tmpfs kept from it; asked for by pods with volumes in memory only. */
  noSwap(): boolean;
  /** The host's device nodes; asked for by privileged containers only. */
  devices(): readonly Device[];
}
