import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { execute, unwind } from "../engine/execute.ts";
import { newHandles } from "../engine/handles.ts";
import { Journal } from "../engine/journal.ts";
import { hasCode } from "../errors/errno.ts";
import type { ConfigMapObject, Pod, SecretObject, Volume } from "../manifest/index.ts";
import { undoAll } from "../plan/undo.ts";
import { volumeFiles } from "../plan/volume/payload.ts";
import { PROJECTED_KINDS, projectedPath } from "../plan/volume/projected.ts";
import { type ProjectedFile, projectionUpdate } from "../plan/volume/projection.ts";
import type { Host } from "../runtime/host.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { readPod } from "../state/records.ts";
import { updatePod } from "../state/update-pod.ts";
import { EventRecorder } from "./events.ts";
import { isCalled, namesOf } from "./objects.ts";
import { listPods } from "./views.ts";

export interface Refreshed {
  /** The volumes that have new content now. */
  volumes: { pod: string; volume: string }[];
  /** Those that keep their content, and why. */
  failures: { pod: string; volume: string; message: string }[];
}

type Referred = ConfigMapObject | SecretObject;

/** Brings a changed object into the volumes of all pods that run, and into the records that later restarts read. */
export function refreshVolumes(host: Host, object: Referred): Refreshed {
  return changeVolumes(host, object, (record) => withObject(record, object));
}

/**
 * Takes a removed object from all pods: what is optional in their volumes goes, the rest stays as it is, as a kubelet
 * leaves it (the failures say so), and a container that reads it at its next start has to wait. A pod that came with an
 * object of its own keeps it.
 */
export function withdrawFromVolumes(host: Host, object: Referred): Refreshed {
  return changeVolumes(host, object, (record) => withoutObject(record, object));
}

function changeVolumes(host: Host, object: Referred, change: (record: PodRecord) => PodRecord): Refreshed {
  const result: Refreshed = { volumes: [], failures: [] };
  for (const view of listPods(host)) {
    const { record, sandbox } = view;
    const { namespace, name } = object.metadata;
    if (record.namespace !== namespace || !namesOf(record.pod, object.kind).includes(name)) continue;
    const paths = podPaths(host.paths, record);
    if (change(record) === record) continue;
    const changed = updatePod(paths, change);
    if (!changed) continue;
    if (view.infraAlive && sandbox.phase !== "stopped" && sandbox.phase !== "removing")
      refreshPod(host, changed, { paths, result, of: (pod) => namesOf(pod, object.kind).includes(name) });
  }
  return result;
}

/**
 * Brings all volumes of one pod up to its record as it is now, whatever the caller has seen of it: another command may have
 * changed it, and the volumes, meanwhile. The caller holds the lock that all do who change volumes.
 */
export function refreshPodVolumes(host: Host, { uid }: Pick<PodRecord, "uid">): Refreshed {
  const result: Refreshed = { volumes: [], failures: [] };
  const record = readPod(host.paths, uid);
  if (record) refreshPod(host, record, { paths: podPaths(host.paths, record), result, of: () => true });
  return result;
}

/** For a pod that was being made while an object changed: its record has the change, its volumes may not. */
export function catchUp(host: Host, made: PodRecord): void {
  const record = readPod(host.paths, made.uid);
  if (!record) return;
  const content = ({ configMaps, secrets, pod }: PodRecord) => JSON.stringify([configMaps, secrets, pod]);
  if (content(record) !== content(made)) withLock(networkLock(host), () => refreshPodVolumes(host, made));
}

function refreshPod(
  host: Host,
  record: PodRecord,
  { paths, result, of }: { paths: PodPaths; result: Refreshed; of(pod: Pod): boolean },
): void {
  for (const volume of record.pod.spec?.volumes ?? []) {
    const { metadata = {} } = record.pod;
    const alone: Pod = { metadata, spec: { containers: [], volumes: [volume] } };
    if (!of(alone)) continue;
    const names = { pod: record.name, volume: volume.name };
    try {
      if (refreshVolume(host, record, volume, paths)) result.volumes.push(names);
    } catch (error) {
      const { message } = error as Error;
      result.failures.push({ ...names, message });
      new EventRecorder(host, paths).pod("Warning", "FailedMount", message);
    }
  }
}

/** True when there is something new to see. */
function refreshVolume(host: Host, record: PodRecord, volume: Volume, paths: PodPaths): boolean {
  const kind = PROJECTED_KINDS.find((one) => volume[one]);
  if (!kind) return false;
  const path = projectedPath(volume, kind, paths.volumes);
  const names = host.kernel.listDirectory(path);
  // A pod that is being made catches up by itself.
  if (!names.includes("..data")) return false;
  const { cpuMilli, memoryBytes, nodeName } = host.facts();
  const files = volumeFiles(volume, {
    pod: record.pod,
    configMaps: record.configMaps,
    secrets: record.secrets,
    facts: {
      uid: record.uid,
      podIP: "",
      hostIP: "",
      nodeName,
      nodeCpuMilli: cpuMilli,
      nodeMemoryBytes: memoryBytes,
      nodeEphemeralBytes: 0n,
    },
  });
  if (!files || isCurrent(path, names, files)) return false;
  const fsGroup = record.pod.spec?.securityContext?.fsGroup;
  const { prepare, commit } = projectionUpdate(path, names, files, { now: host.now(), fsGroup });
  const options = { kernel: host.kernel, handles: newHandles(paths.uid, "") };
  const journal = new Journal(host.kernel, paths.journal);
  try {
    execute(prepare, { ...options, journal });
  } catch (error) {
    unwind(undoAll(prepare), options);
    throw error;
  }
  execute(commit, { ...options, journal });
  return true;
}

/** Nothing to do: content and names are these, and no killed command has left another content beside it. */
function isCurrent(path: string, names: readonly string[], files: readonly ProjectedFile[]): boolean {
  const first = new Set(files.map((file) => file.path.split("/")[0] as string));
  if (names.length !== first.size + 2 || ![...first].every((name) => names.includes(name))) return false;
  const data = join(path, "..data");
  try {
    // The link is a folder's: a slash makes readdir follow it.
    const present = readdirSync(`${data}/`, { recursive: true, withFileTypes: true })
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(data, join(entry.parentPath, entry.name)));
    const wanted = new Map(files.map((file) => [file.path, file]));
    return (
      present.length === wanted.size &&
      [...wanted.values()].every((file) => {
        const path = join(data, file.path);
        return (statSync(path).mode & file.mode) === file.mode && readFileSync(path).equals(file.data);
      })
    );
  } catch (error) {
    if (hasCode(error, "ENOENT")) return false;
    throw error;
  }
}

function withObject(record: PodRecord, object: Referred): PodRecord {
  const replaced = <T extends { metadata?: { namespace?: string; name?: string } }>(list: readonly T[]) => [
    ...list.filter(({ metadata }) => !isCalled(metadata, object.metadata)),
    object as unknown as T,
  ];
  return object.kind === "ConfigMap"
    ? { ...record, configMaps: replaced(record.configMaps) }
    : { ...record, secrets: replaced(record.secrets) };
}

function withoutObject(record: PodRecord, object: Referred): PodRecord {
  const content = (one: object) => JSON.stringify({ ...one, metadata: undefined });
  const isIt = (one: { metadata?: { namespace?: string; name?: string } }) =>
    isCalled(one.metadata, object.metadata) && content(one) === content(object);
  if (object.kind === "ConfigMap")
    return record.configMaps.some(isIt)
      ? { ...record, configMaps: record.configMaps.filter((one) => !isIt(one)) }
      : record;
  return record.secrets.some(isIt)
    ? { ...record, secrets: record.secrets.filter((one) => !isIt(one)) }
    : record;
}
