import type { PodUsage, Usage } from "../../pod/usage.ts";

const MEBI = 1024 * 1024;

/** `kubectl top pod`: NAME, CPU(cores), MEMORY(bytes); and how many processes there are. */
export function usageRows(pods: readonly PodUsage[], { containers }: { containers: boolean }): string[][] {
  const head = containers ? ["POD", "NAME"] : ["NAME"];
  return [
    [...head, "CPU(cores)", "MEMORY(bytes)", "PIDS"],
    ...pods.flatMap((pod) =>
      containers
        ? pod.containers.map(({ name, usage }) => [pod.view.record.name, name, ...cells(usage)])
        : [[pod.view.record.name, ...cells(pod.total)]],
    ),
  ];
}

function cells({ cpuMilli, memoryBytes, pids }: Usage): string[] {
  return [`${cpuMilli}m`, `${Math.ceil(memoryBytes / MEBI)}Mi`, String(pids)];
}
