import type { Container } from "../manifest/index.ts";

const masked = [
  "/proc/acpi",
  "/proc/asound",
  "/proc/interrupts",
  "/proc/kcore",
  "/proc/keys",
  "/proc/latency_stats",
  "/proc/sched_debug",
  "/proc/scsi",
  "/proc/timer_list",
  "/proc/timer_stats",
  "/sys/devices/virtual/powercap",
  "/sys/firmware",
];

const readonly = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"];

/**
 * Paths to hide from a container and paths to make read-only: the OCI defaults, the energy counters
 * (CVE-2020-8694), the interrupt counters and per-CPU throttle counters (GHSA-6fw5-f8r9-fgfm). Neither for
 * privileged containers nor under `procMount: Unmasked`.
 *
 * @param throttle folders `/sys/devices/system/cpu/cpu<n>/thermal_throttle` that this host has
 */
export function procPaths(
  container: Container,
  throttle: readonly string[] = [],
): { masked: string[]; readonly: string[] } {
  const context = container.securityContext;
  if (context?.privileged === true || context?.procMount === "Unmasked") return { masked: [], readonly: [] };
  return { masked: [...masked, ...throttle], readonly: [...readonly] };
}
