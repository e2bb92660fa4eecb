import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CgroupLayout, controllerHome } from "../cgroup/index.ts";

/** What a cgroup uses now. A figure is absent where the host does not count it. */
export interface CgroupUsage {
  /** CPU time used so far. */
  cpuNanoseconds?: bigint;
  /** Memory in use less what the kernel could take back at once from files read (the kubelet's working set). */
  memoryWorkingSetBytes?: number;
  memoryUsageBytes?: number;
  /** Bytes; absent when unlimited. */
  memoryLimitBytes?: number;
  pids?: number;
  /** Processes killed for want of memory. */
  oomKills?: number;
  /** Times the quota stopped it, and for how long. */
  throttledPeriods?: number;
  throttledNanoseconds?: bigint;
}

/** Usage of the cgroup `path` (relative to the hierarchies: `tspod/pod<uid>`); all absent when it is gone. */
export function cgroupUsage(layout: CgroupLayout, path: string): CgroupUsage {
  return compact({ ...cpuUsage(layout, path), ...memoryUsage(layout, path), ...pidsUsage(layout, path) });
}

/**
 * Processes of a cgroup that the OOM killer took, from memory.events or memory.oom_control; 0 when the file is
 * gone.
 */
export function oomKillCount(oomFile: string): number {
  return oomFile === "" ? 0 : (keyed(read(oomFile)).oom_kill ?? 0);
}

function cpuUsage(layout: CgroupLayout, path: string): Partial<CgroupUsage> {
  const stat = (root: string) => keyed(read(join(root, path, "cpu.stat")));
  const quota = controllerHome(layout, "cpu");
  const throttle = quota === undefined ? {} : stat(quota.root);
  const throttled = {
    throttledPeriods: throttle.nr_throttled,
    throttledNanoseconds:
      throttle.throttled_usec === undefined
        ? big(throttle.throttled_time)
        : BigInt(throttle.throttled_usec) * 1000n,
  };
  // cpu.stat counts in every v2 cgroup, with or without the controller.
  if (layout.unified !== "") {
    const microseconds = big(stat(layout.unified).usage_usec);
    return {
      ...throttled,
      cpuNanoseconds: microseconds === undefined ? undefined : microseconds * 1000n,
    } as Partial<CgroupUsage>;
  }
  const accounting = layout.v1.cpuacct;
  const used = accounting === undefined ? undefined : read(join(accounting, path, "cpuacct.usage"));
  return {
    ...throttled,
    cpuNanoseconds: used === undefined ? undefined : BigInt(used.trim()),
  } as Partial<CgroupUsage>;
}

function memoryUsage(layout: CgroupLayout, path: string): Partial<CgroupUsage> {
  const home = controllerHome(layout, "memory");
  if (home === undefined) return {};
  const v1 = home.version === 1;
  const file = (name: string) => read(join(home.root, path, name));
  const usage = number(file(v1 ? "memory.usage_in_bytes" : "memory.current"));
  if (usage === undefined) return {};
  const stat = keyed(file("memory.stat"));
  const inactive = (v1 ? stat.total_inactive_file : stat.inactive_file) ?? 0;
  const limit = number(file(v1 ? "memory.limit_in_bytes" : "memory.max"));
  return {
    memoryUsageBytes: usage,
    memoryWorkingSetBytes: Math.max(0, usage - inactive),
    // v1 shows "unlimited" as the greatest multiple of the page size in an int64.
    ...(limit === undefined || limit > 2 ** 62 ? {} : { memoryLimitBytes: limit }),
    oomKills: keyed(file(v1 ? "memory.oom_control" : "memory.events")).oom_kill ?? 0,
  };
}

function pidsUsage(layout: CgroupLayout, path: string): Partial<CgroupUsage> {
  const home = controllerHome(layout, "pids");
  const pids = home === undefined ? undefined : number(read(join(home.root, path, "pids.current")));
  return pids === undefined ? {} : { pids };
}

/** `key value` lines. */
function keyed(text: string | undefined): Record<string, number | undefined> {
  const result: Record<string, number> = {};
  for (const line of (text ?? "").split("\n")) {
    const [key = "", value] = line.split(" ");
    if (value !== undefined) result[key] = Number(value);
  }
  return result;
}

function number(text: string | undefined): number | undefined {
  const value = Number.parseInt(text ?? "", 10);
  return Number.isNaN(value) ? undefined : value;
}

function big(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function compact(usage: Partial<CgroupUsage>): CgroupUsage {
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined));
}
