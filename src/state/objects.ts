import { existsSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { makeFolders } from "../kernel/make-folders.ts";
import { namesIn } from "../kernel/names-in.ts";
import type {
  ConfigMapObject,
  PersistentVolumeClaimObject,
  SecretObject,
  ServiceObject,
  WorkloadObject,
} from "../manifest/index.ts";
import { WORKLOAD_KINDS } from "../manifest/workload-object.ts";
import { fileName } from "./file-name.ts";
import { readJson, writeJson } from "./json-file.ts";
import { takeLock } from "./lock.ts";
import { objectFolder, type Paths } from "./paths.ts";

/** Objects that pods refer to by name. */
export type ReferredObject = ConfigMapObject | SecretObject | PersistentVolumeClaimObject;
export type ReferredKind = ReferredObject["kind"];
/** Objects that are kept by themselves, not only with the pod that came with them. */
export type StoredObject = ReferredObject | ServiceObject | WorkloadObject;
export type StoredKind = StoredObject["kind"];
export const STORED_KINDS: readonly StoredKind[] = [
  "ConfigMap",
  "Secret",
  "PersistentVolumeClaim",
  "Service",
  ...WORKLOAD_KINDS,
];
export type OfKind<K extends StoredKind> = Extract<StoredObject, { kind: K }>;

interface ObjectFile {
  schema: 1;
  object: StoredObject;
  /** What the object's controller remembers and the API does not show. */
  memory?: unknown;
}

export interface ObjectName {
  namespace: string;
  name: string;
}

function fileOf(paths: Paths, kind: StoredKind, { namespace, name }: ObjectName): string {
  return join(objectFolder(paths, kind), namespace, fileName(name, { after: ".json" }));
}

/** undefined when there is none of that name. */
export function readObject<K extends StoredKind>(
  paths: Paths,
  kind: K,
  at: ObjectName,
): OfKind<K> | undefined {
  return readJson<ObjectFile>(fileOf(paths, kind, at))?.object as OfKind<K> | undefined;
}

/** What the controller of the object has kept with it. */
export function readMemory(paths: Paths, kind: StoredKind, at: ObjectName): unknown {
  return readJson<ObjectFile>(fileOf(paths, kind, at))?.memory;
}

/** Creates or replaces, for good: it survives the machine. Only root can read it. */
export function writeObject(paths: Paths, object: StoredObject, memory?: unknown): void {
  const file = fileOf(paths, object.kind, object.metadata);
  for (;;) {
    try {
      makeFolders(join(file, ".."), 0o700);
      const content: ObjectFile = { schema: 1, object, ...(memory === undefined ? {} : { memory }) };
      writeJson(file, content, { durable: true });
      return;
    } catch (error) {
      // Another command has taken the empty folder away between our two calls.
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
}

/** Nothing there is fine. */
export function removeObject(paths: Paths, kind: StoredKind, at: ObjectName): void {
  rmSync(fileOf(paths, kind, at), { force: true });
}

/** All of a kind, or of one namespace, by namespace and name. */
export function listObjects<K extends StoredKind>(paths: Paths, kind: K, namespace?: string): OfKind<K>[] {
  const folder = objectFolder(paths, kind);
  const namespaces = namespace === undefined ? namesIn(folder) : [namespace];
  return namespaces.sort().flatMap((one) =>
    namesIn(join(folder, one))
      .filter((name) => name.endsWith(".json"))
      .sort()
      .flatMap(
        (name) => readObject(paths, kind, { namespace: one, name: name.slice(0, -".json".length) }) ?? [],
      ),
  );
}

/**
 * Folders of objects and of claims' data that hold nothing go, and what killed commands left half made. The caller holds
 * the lock that pods and objects are made under.
 */
export function tidyObjects(paths: Paths): void {
  forgetLock(workloadLock(paths));
  const objects = join(paths.lib, "objects");
  const claims = join(paths.lib, "volumes");
  const halves = [
    ...STORED_KINDS.flatMap((kind) => below(objectFolder(paths, kind), /\.tmp$/)),
    ...below(claims, /^\.new-/),
  ];
  for (const path of halves) rmSync(path, { recursive: true, force: true });
  for (const folder of STORED_KINDS.map((kind) => objectFolder(paths, kind)))
    for (const path of [...namesIn(folder).map((name) => join(folder, name)), folder]) removeIfEmpty(path);
  for (const path of [...namesIn(claims).map((name) => join(claims, name)), claims, objects])
    removeIfEmpty(path);
}

/** Held by the process that makes pods for workloads; its file goes when nobody does. */
export const workloadLock = ({ run }: Paths): string => join(run, "workloads.lock");

/** Whoever holds it will remove it; one that a killed process left is nobody's. */
function forgetLock(path: string): void {
  if (!existsSync(path)) return;
  const lock = takeLock(path, { wait: false });
  if (!lock) return;
  rmSync(path, { force: true });
  lock.release();
}

/** What is called so in the namespaces' folders. */
function below(folder: string, pattern: RegExp): string[] {
  return namesIn(folder).flatMap((namespace) =>
    namesIn(join(folder, namespace))
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, namespace, name)),
  );
}

function removeIfEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTEMPTY", "ENOTDIR")) throw error;
  }
}
