import { capabilityFacts } from "./capability-facts.ts";
import { cgroupFacts } from "./cgroup-facts.ts";
import type { HostFact } from "./fact.ts";
import { kernelFacts } from "./kernel-facts.ts";
import { rootMount } from "./root-mount.ts";
import { type FactSource, hostSource } from "./source.ts";

export { appArmorEnabled, appArmorProfiles } from "./apparmor.ts";
export { detectCgroups } from "./cgroups.ts";
export { type HostDevice, hostDevices } from "./devices.ts";
export type { HostFact } from "./fact.ts";
export { idRangesInUse, readIdPool } from "./id-pool.ts";
export type { FactSource } from "./source.ts";
export { swapCanBeAvoided } from "./swap.ts";
export { throttleFolders } from "./throttle.ts";

/** What this host can and cannot do, for `tspod doctor`. Reads files only, changes nothing. */
export function hostFacts(source: FactSource = hostSource): HostFact[] {
  return [...capabilityFacts(source), rootMount(source), ...kernelFacts(source), ...cgroupFacts(source)];
}
