import { join } from "node:path";
import { podResources } from "../cgroup/resources.ts";
import { diskUsage } from "../kernel/disk-usage.ts";
import type { Container, Pod } from "../manifest/index.ts";
import { formatQuantity, parseQuantity, wholeUnits } from "../manifest/quantity.ts";
import { emptyDirPath } from "../plan/volume/empty-dir.ts";
import type { PodPaths } from "../state/paths.ts";

/** Bytes on disk that go with the pod. */
export interface EphemeralUsage {
  /** Writable layer of the last attempt, and all logs, by container. */
  containers: Record<string, number>;
  /** emptyDirs on disk, by volume. */
  emptyDirs: Record<string, number>;
  /** Files that tspod made for it: /etc/hosts and its like, ConfigMaps. */
  rest: number;
}

export interface Eviction {
  reason: "Evicted";
  message: string;
}

/** Whether anything of the pod limits its use of the disk; if not, measuring it is for nothing. */
export function limitsEphemeralStorage({ spec }: Pod): boolean {
  const { containers = [], initContainers = [], volumes = [] } = spec ?? {};
  return (
    [...containers, ...initContainers].some(({ resources }) => resources?.limits?.[RESOURCE] !== undefined) ||
    volumes.some(({ emptyDir }) => emptyDir?.sizeLimit !== undefined && isOnDisk(emptyDir))
  );
}

/** Measures it, in the event loop's spare time; `attempts`: the last attempt of each container that has had one. */
export async function ephemeralUsage(
  paths: PodPaths,
  pod: Pod,
  attempts: ReadonlyMap<string, number>,
): Promise<EphemeralUsage> {
  const usage: EphemeralUsage = { containers: {}, emptyDirs: {}, rest: 0 };
  const rest = [paths.etc];
  for (const [name, attempt] of attempts) {
    const upper = join(paths.lib, "containers", name, String(attempt), "upper");
    usage.containers[name] = await diskUsage([upper, join(paths.logs, name)]);
  }
  for (const { name, emptyDir, configMap } of pod.spec?.volumes ?? []) {
    if (emptyDir && isOnDisk(emptyDir))
      usage.emptyDirs[name] = await diskUsage([emptyDirPath(paths.volumes, name)]);
    if (configMap) rest.push(join(paths.volumes, `configmap~${name}`));
  }
  usage.rest = await diskUsage(rest);
  return usage;
}

const RESOURCE = "ephemeral-storage";

/**
 * Why the pod is to be evicted, in the kubelet's order and words (its local storage eviction): an emptyDir over its
 * sizeLimit, the pod over what its containers' limits add up to, a container over its own. Undefined when it is not.
 */
export function evictionOf({ spec }: Pod, usage: EphemeralUsage): Eviction | undefined {
  const { containers = [], volumes = [] } = spec ?? {};
  for (const { name, emptyDir } of volumes) {
    const limit = quantityOf(emptyDir?.sizeLimit);
    if (limit && limit.bytes > 0 && (usage.emptyDirs[name] ?? 0) > limit.bytes)
      return evicted(`Usage of EmptyDir volume "${name}" exceeds the limit "${limit.text}". `);
  }
  // As the kubelet adds them up: containers without a limit count nothing.
  const total = podResources(spec ?? { containers }).limits[RESOURCE];
  if (total !== undefined && sum(usage.containers) + sum(usage.emptyDirs) + usage.rest > total)
    return evicted(
      `Pod ephemeral local storage usage exceeds the total limit of containers ${formatBytes(total, containers)}. `,
    );
  for (const { name, resources } of containers) {
    const limit = quantityOf(resources?.limits?.[RESOURCE]);
    if (limit && (usage.containers[name] ?? 0) > limit.bytes)
      return evicted(`Container ${name} exceeded its local ephemeral storage limit "${limit.text}". `);
  }
  return undefined;
}

function evicted(message: string): Eviction {
  return { reason: "Evicted", message };
}

/** Memory and huge pages are no disk. */
function isOnDisk({ medium = "" }: { medium?: string }): boolean {
  return medium === "";
}

function quantityOf(limit: string | number | undefined): { bytes: number; text: string } | undefined {
  if (limit === undefined) return undefined;
  const quantity = parseQuantity(String(limit));
  return { bytes: Number(wholeUnits(quantity)), text: formatQuantity(quantity) };
}

function sum(parts: Record<string, number>): number {
  return Object.values(parts).reduce((total, part) => total + part, 0);
}

/** A sum prints in the form of its first part: `2Gi`, `2G`. */
function formatBytes(bytes: number, containers: readonly Container[]): string {
  const first = containers
    .map(({ resources }) => resources?.limits?.[RESOURCE])
    .find((each) => each !== undefined);
  const { format } = parseQuantity(String(first ?? "1Ki"));
  return formatQuantity({ nano: BigInt(bytes) * 1_000_000_000n, format });
}
