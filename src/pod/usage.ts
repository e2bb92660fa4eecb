import { setTimeout as sleep } from "node:timers/promises";
import { type CgroupUsage, cgroupUsage } from "../kernel/cgroup-usage.ts";
import type { MachineFacts } from "../plan/machine-facts.ts";
import type { PodView } from "./view.ts";

/** What one container, or a whole pod, uses. */
export interface Usage {
  /** Thousandths of a CPU over the interval. */
  cpuMilli: number;
  /** The kubelet's working set: memory in use less what could be taken back at once. */
  memoryBytes: number;
  /** Absent when unlimited. */
  memoryLimitBytes?: number;
  pids: number;
  /** Periods in which the CPU quota stopped it, since it began. */
  throttledPeriods: number;
}

export interface PodUsage {
  view: PodView;
  total: Usage;
  containers: { name: string; usage: Usage }[];
}

/**
 * Reads the cgroups twice, `intervalMs` apart: CPU time only says something between two moments. Running containers
 * only.
 */
export async function podUsages(
  facts: Pick<MachineFacts, "layout">,
  views: readonly PodView[],
  intervalMs: number,
): Promise<PodUsage[]> {
  const read = () => views.map((view) => sample(facts, view));
  const before = read();
  const begun = process.hrtime.bigint();
  await sleep(intervalMs);
  const after = read();
  const elapsed = Number(process.hrtime.bigint() - begun);
  return views.map((view, pod) => {
    const [old, now] = [before[pod], after[pod]];
    const containers = [...(now?.containers ?? [])].map(([name, usage]) => ({
      name,
      usage: between(old?.containers.get(name), usage, elapsed),
    }));
    return { view, total: between(old?.pod, now?.pod ?? {}, elapsed), containers };
  });
}

function sample({ layout }: Pick<MachineFacts, "layout">, view: PodView) {
  const pod = relative(view.sandbox.cgroup, layout);
  const running = view.containers.flatMap(({ name, attempts }) => {
    const last = attempts.at(-1);
    return last?.alive ? [[name, cgroupUsage(layout, relative(last.record.cgroup, layout))] as const] : [];
  });
  return { pod: cgroupUsage(layout, pod), containers: new Map(running) };
}

/** `tspod/pod<uid>/…` below the hierarchy that the record's path names. */
function relative(path: string, layout: MachineFacts["layout"]): string {
  const root = [layout.unified, ...Object.values(layout.v1)].find(
    (each) => each !== "" && path.startsWith(`${each}/`),
  );
  return root === undefined ? path : path.slice(root.length + 1);
}

function between(before: CgroupUsage | undefined, now: CgroupUsage, elapsed: number): Usage {
  const spent = Number((now.cpuNanoseconds ?? 0n) - (before?.cpuNanoseconds ?? now.cpuNanoseconds ?? 0n));
  return {
    cpuMilli: Math.max(0, Math.ceil((spent / elapsed) * 1000)),
    memoryBytes: now.memoryWorkingSetBytes ?? now.memoryUsageBytes ?? 0,
    ...(now.memoryLimitBytes === undefined ? {} : { memoryLimitBytes: now.memoryLimitBytes }),
    pids: now.pids ?? 0,
    throttledPeriods: now.throttledPeriods ?? 0,
  };
}
