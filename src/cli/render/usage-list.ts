import type { PodUsage, Usage } from "../../pod/usage.ts";

const MEBI = 1024 * 1024;

/** `kubectl top pod`: NAME, CPU(cores), MEMORY(bytes); and how many processes there are. */
export function usageRows(
  pods: readonly PodUsage[],
  { containers, namespaces = false, headers = true, sum = false }: UsageOptions,
): string[][] {
  const head = [...(namespaces ? ["NAMESPACE"] : []), ...(containers ? ["POD", "NAME"] : ["NAME"])];
  const rows = pods.flatMap((pod) => {
    const { name: own, namespace } = pod.view.record;
    const first = namespaces ? [namespace, own] : [own];
    return containers
      ? pod.containers.map(({ name, usage }) => [...first, name, ...cells(usage)])
      : [[...first, ...cells(pod.total)]];
  });
  const blank = head.map(() => "");
  return [
    ...(headers ? [[...head, "CPU(cores)", "MEMORY(bytes)", "PIDS"]] : []),
    ...rows,
    ...(sum
      ? [
          [...blank, LINE, LINE, LINE],
          [...blank, ...cells(totalOf(pods))],
        ]
      : []),
  ];
}

export interface UsageOptions {
  containers: boolean;
  namespaces?: boolean;
  headers?: boolean;
  /** A last row with the sum of all. */
  sum?: boolean;
}

/** What kubectl draws above a sum. */
const LINE = "________";

function totalOf(pods: readonly PodUsage[]): Summed {
  const add = (field: "cpuMilli" | "memoryBytes" | "pids") =>
    pods.reduce((sum, { total }) => sum + total[field], 0);
  return { cpuMilli: add("cpuMilli"), memoryBytes: add("memoryBytes"), pids: add("pids") };
}

/** The largest first; by name where nothing is said. */
export function sortUsages(pods: readonly PodUsage[], by: "cpu" | "memory" | undefined): PodUsage[] {
  const field = by === "cpu" ? "cpuMilli" : "memoryBytes";
  const sorted = [...pods].map((pod) => ({
    ...pod,
    containers: by ? [...pod.containers].sort((a, b) => b.usage[field] - a.usage[field]) : pod.containers,
  }));
  return by ? sorted.sort((a, b) => b.total[field] - a.total[field]) : sorted;
}

type Summed = Pick<Usage, "cpuMilli" | "memoryBytes" | "pids">;

function cells({ cpuMilli, memoryBytes, pids }: Summed): string[] {
  return [`${cpuMilli}m`, `${Math.ceil(memoryBytes / MEBI)}Mi`, String(pids)];
}
