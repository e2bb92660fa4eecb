import type { HostOp } from "../plan/host-op.ts";
import { cpuPeriod, cpuQuota, cpuShares, cpuWeight } from "./cpu.ts";
import { type CgroupLayout, type Controller, controllerHome } from "./layout.ts";

/** A value and the manifest field that asked for it. */
export interface Wanted {
  value: number;
  because: string;
}

/** What is to be set on one cgroup. Absent: left as the kernel makes it. */
export interface CgroupLimits {
  /** Thousandths of a CPU; decides the share under contention. */
  cpuRequest?: Wanted;
  /** Thousandths of a CPU. */
  cpuLimit?: Wanted;
  /** Bytes. */
  memory?: Wanted;
  pids?: Wanted;
  /** Bytes by page size as the kernel names it (`2MB`). */
  hugePages?: Record<string, Wanted>;
  /** v2: the kernel's OOM killer takes all processes of the cgroup, as Kubernetes does since 1.28. */
  killTogether?: boolean;
  /** v2: no swap, which is Kubernetes' default (NoSwap). On v1 this comes with the memory limit. */
  noSwap?: boolean;
}

export interface LimitOps {
  ops: HostOp[];
  warnings: string[];
}

/**
 * Writes that put `limits` on the cgroup `path` (relative to each hierarchy). A limit with no controller becomes a
 * warning.
 */
export function limitOps(layout: CgroupLayout, path: string, limits: CgroupLimits): LimitOps {
  const ops: HostOp[] = [];
  const warnings: string[] = [];
  const place = (controller: Controller, wanted: Wanted | undefined) => {
    if (wanted === undefined) return undefined;
    const home = controllerHome(layout, controller);
    if (home === undefined) {
      // Nobody asked for a share of nothing.
      if (controller !== "cpu" || wanted.value > 0)
        warnings.push(
          `${wanted.because}: this host has no ${controller} cgroup controller, so it is not enforced`,
        );
      return undefined;
    }
    const set = (file: string, value: string) =>
      ops.push({ op: "cgroup-set", path: `${home.root}/${path}/${file}`, value, because: wanted.because });
    return { version: home.version, value: wanted.value, set };
  };

  const request = place("cpu", limits.cpuRequest);
  if (request?.version === 1) request.set("cpu.shares", String(cpuShares(request.value)));
  if (request?.version === 2) request.set("cpu.weight", String(cpuWeight(cpuShares(request.value))));

  const quota = place("cpu", limits.cpuLimit);
  if (quota?.version === 1) quota.set("cpu.cfs_quota_us", String(cpuQuota(quota.value)));
  if (quota?.version === 2) quota.set("cpu.max", `${cpuQuota(quota.value)} ${cpuPeriod}`);

  const memory = place("memory", limits.memory);
  if (memory?.version === 1) {
    memory.set("memory.limit_in_bytes", String(memory.value));
    // Memory plus swap: equal to the limit means no swap. After the limit, for it may never be below it.
    if (layout.swapLimit) memory.set("memory.memsw.limit_in_bytes", String(memory.value));
  }
  if (memory?.version === 2) memory.set("memory.max", String(memory.value));

  const home = controllerHome(layout, "memory");
  if (home?.version === 2) {
    const file = (name: string) => `${home.root}/${path}/${name}`;
    if (limits.noSwap === true && layout.swapLimit) {
      ops.push({ op: "cgroup-set", path: file("memory.swap.max"), value: "0", because: "pods do not swap" });
    }
    if (limits.killTogether === true) {
      const because = "a container is killed whole when out of memory";
      ops.push({ op: "cgroup-set", path: file("memory.oom.group"), value: "1", because });
    }
  }

  const pids = place("pids", limits.pids);
  pids?.set("pids.max", String(pids.value));

  for (const [size, wanted] of Object.entries(limits.hugePages ?? {})) {
    const pages = place("hugetlb", wanted);
    pages?.set(`hugetlb.${size}.${pages.version === 1 ? "limit_in_bytes" : "max"}`, String(pages.value));
  }
  return { ops, warnings };
}
