import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ObjectMeta } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import { readMemory, readObject, type StoredObject, writeObject } from "../state/objects.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { updatePod } from "../state/update-pod.ts";
import { type Refreshed, refreshPodVolumes } from "./refresh.ts";
import type { PodView } from "./view.ts";

/** Labels or annotations by name; what stands in neither stays. */
export interface MetadataChange {
  set: Readonly<Record<string, string>>;
  remove: readonly string[];
}

export type MetadataField = "labels" | "annotations";

/** The map with the change in it; undefined when nothing is left, as the API leaves an empty map out. */
export function changed(
  map: Record<string, string> = {},
  { set, remove }: MetadataChange,
): Record<string, string> | undefined {
  const rest = Object.entries(map).filter(([key]) => !remove.includes(key));
  const after = { ...Object.fromEntries(rest), ...set };
  return Object.keys(after).length > 0 ? after : undefined;
}

export interface ChangeRequest {
  field: MetadataField;
  change: MetadataChange;
  /** Sees the map as it is at that moment, and throws to refuse. */
  check?(map: Record<string, string>): void;
}

/**
 * Changes labels or annotations of a pod, and brings them into its downwardAPI volumes. @throws TspodError TS5012 when
 * the pod was removed meanwhile
 */
export function changePodMetadata(
  host: Host,
  view: PodView,
  { field, change, check }: ChangeRequest,
): Refreshed {
  const { record } = view;
  const after = updatePod(podPaths(host.paths, record), (now) => {
    check?.(now.pod.metadata?.[field] ?? {});
    return withMetadata(now, { [field]: changed(now.pod.metadata?.[field], change) });
  });
  if (!after) throw removedMeanwhile(record.name);
  return refreshed(host, view, after);
}

/** The same for a stored object (its content, and so the volumes that show it, is the same). */
export function changeObjectMetadata(
  host: Host,
  { kind, metadata: at }: StoredObject,
  { field, change, check }: ChangeRequest,
): Refreshed {
  const { paths } = host;
  return withLock(networkLock(host), () => {
    const now = readObject(paths, kind, at);
    if (!now) throw removedMeanwhile(at.name);
    check?.(now.metadata[field] ?? {});
    const { [field]: before, ...rest } = now.metadata;
    const after = changed(before, change);
    const object = { ...now, metadata: { ...rest, ...(after ? { [field]: after } : {}) } } as StoredObject;
    writeObject(paths, object, readMemory(paths, kind, at));
    return { volumes: [], failures: [] };
  });
}

/** Brings the volumes of a pod up to its record; one that does not run has none. */
export function refreshed(host: Host, { sandbox, infraAlive }: PodView, record: PodRecord): Refreshed {
  if (!infraAlive || sandbox.phase === "stopped" || sandbox.phase === "removing")
    return { volumes: [], failures: [] };
  // The lock that `apply` holds while it brings objects into the same volumes.
  return withLock(networkLock(host), () => refreshPodVolumes(host, record));
}

function withMetadata(
  record: PodRecord,
  part: { [F in MetadataField]?: ObjectMeta[F] | undefined },
): PodRecord {
  const { labels, annotations, ...rest } = { ...record.pod.metadata, ...part };
  const metadata = { ...rest, ...(labels ? { labels } : {}), ...(annotations ? { annotations } : {}) };
  return { ...record, pod: { ...record.pod, metadata } };
}

export function removedMeanwhile(name: string): TspodError {
  return new TspodError({
    code: "TS5012",
    message: `${name} was removed while it was being changed`,
    exitCode: ExitCode.conflict,
  });
}
