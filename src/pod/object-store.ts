import { join } from "node:path";
import { unwind } from "../engine/execute.ts";
import { newHandles } from "../engine/handles.ts";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { plural } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import {
  listObjects,
  type OfKind,
  type ReferredObject,
  readObject,
  removeObject,
  type StoredKind,
  writeObject,
} from "../state/objects.ts";
import { namesOf } from "./objects.ts";
import { type Refreshed, refreshVolumes, withdrawFromVolumes } from "./refresh.ts";
import { tidy } from "./remove.ts";
import { listPods } from "./views.ts";

export type { OfKind, StoredKind, StoredObject } from "../state/objects.ts";

/** Objects that lie there to be used; what makes pods is applied by the workload layer. */
export type PlainObject = ReferredObject | OfKind<"Service">;

export interface Applied extends Refreshed {
  what: "created" | "configured" | "unchanged";
}

/**
 * Stores an object, or changes the stored one, and brings a changed ConfigMap or Secret into the volumes of the pods that
 * run. @throws TspodError TS3432 when it is there and must not be (`create`), TS3433 for a change that is not allowed.
 */
export function applyObject(host: Host, object: PlainObject, { create = false } = {}): Applied {
  return locked(host, () => {
    const { kind, metadata } = object;
    const before = readObject(host.paths, kind, metadata);
    if (before && create) throw alreadyThere(kind, metadata.name);
    const creationTimestamp = before?.metadata.creationTimestamp ?? apiNow(host);
    const after = { ...object, metadata: { ...metadata, creationTimestamp } } as PlainObject;
    const same = before !== undefined && canonical(before) === canonical(after);
    if (before && !same) refuseChange(before, after);
    if (!same) writeObject(host.paths, after);
    const what = !before ? "created" : same ? "unchanged" : "configured";
    // Also when nothing has changed: an earlier command may have been killed on the way to the pods.
    const refreshed =
      after.kind === "ConfigMap" || after.kind === "Secret"
        ? refreshVolumes(host, after)
        : { volumes: [], failures: [] };
    return { what, ...refreshed };
  });
}

export function getObject<K extends StoredKind>(
  host: Host,
  kind: K,
  at: { namespace: string; name: string },
): OfKind<K> {
  const object = readObject(host.paths, kind, at);
  if (!object) throw notThere(kind, at.name);
  return object;
}

/** All of a kind in one namespace, or (undefined) in all. */
export function allObjects<K extends StoredKind>(
  host: Host,
  kind: K,
  namespace: string | undefined,
): OfKind<K>[] {
  return listObjects(host.paths, kind, namespace);
}

/** Removes an object; a claim with its data, unless a pod has it (TS3434); a ConfigMap or Secret from pods' volumes. */
export function deleteObject(
  host: Host,
  kind: StoredKind,
  at: { namespace: string; name: string },
): Refreshed {
  return locked(host, () => {
    const object = readObject(host.paths, kind, at);
    if (!object) throw notThere(kind, at.name);
    if (kind === "PersistentVolumeClaim") deleteData(host, at);
    removeObject(host.paths, kind, at);
    return object.kind === "ConfigMap" || object.kind === "Secret"
      ? withdrawFromVolumes(host, object)
      : { volumes: [], failures: [] };
  });
}

function deleteData(host: Host, { namespace, name }: { namespace: string; name: string }): void {
  const users = listPods(host)
    .map(({ record }) => record)
    .filter((one) => one.namespace === namespace && namesOf(one.pod, "PersistentVolumeClaim").includes(name));
  if (users.length > 0) {
    throw new TspodError({
      code: "TS3434",
      message: `persistentvolumeclaims ${JSON.stringify(name)} is used by ${users.map((one) => `pod ${JSON.stringify(one.name)}`).join(", ")}`,
      hint: `tspod rm ${users.map((one) => one.name).join(" ")}`,
      exitCode: ExitCode.conflict,
    });
  }
  const path = join(host.paths.lib, "volumes", namespace, name);
  const failures = unwind([{ op: "remove-tree", path }], {
    kernel: host.kernel,
    handles: newHandles("", ""),
  });
  if (failures[0]) throw failures[0];
}

/** Under the lock that pods are made under: folders of objects and claims come and go with the pods that use them. */
export function locked<T>(host: Host, work: () => T): T {
  try {
    return withLock(networkLock(host), work);
  } finally {
    tidy(host);
  }
}

/** What the API server refuses to change. */
function refuseChange(before: PlainObject, after: PlainObject): void {
  const refuse = (reason: string) => {
    throw new TspodError({
      code: "TS3433",
      message: `${after.kind} ${JSON.stringify(after.metadata.name)} is invalid: ${reason}`,
      hint: `\`tspod delete ${after.kind.toLowerCase()} ${after.metadata.name}\` first`,
      exitCode: ExitCode.invalid,
    });
  };
  if (before.kind === "PersistentVolumeClaim" || after.kind === "PersistentVolumeClaim") {
    const frozen = ({ spec }: OfKind<"PersistentVolumeClaim">) =>
      canonical({ ...spec, resources: null, volumeAttributesClassName: null });
    if (
      frozen(before as OfKind<"PersistentVolumeClaim">) !== frozen(after as OfKind<"PersistentVolumeClaim">)
    )
      refuse(
        "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
      );
    return;
  }
  if (before.kind === "Secret" && after.kind === "Secret") {
    const type = after.type ?? "Opaque";
    if ((before.type ?? "Opaque") !== type) refuse(`type: Invalid value: "${type}": field is immutable`);
  }
  if (before.kind === "Service" || after.kind === "Service" || !before.immutable) return;
  if (!after.immutable) refuse("immutable: Forbidden: field is immutable when `immutable` is set");
  const content = (one: PlainObject) => canonical({ ...one, metadata: null });
  if (content(before) !== content(after))
    refuse("data: Forbidden: field is immutable when `immutable` is set");
}

export function alreadyThere(kind: StoredKind, name: string): TspodError {
  return new TspodError({
    code: "TS3432",
    message: `${plural(kind)} ${JSON.stringify(name)} already exists`,
    hint: `\`tspod delete ${kind.toLowerCase()} ${name}\` removes it; \`tspod apply -f FILE\` changes it`,
    exitCode: ExitCode.conflict,
  });
}

export function notThere(kind: StoredKind, name: string): TspodError {
  return new TspodError({
    code: "TS3431",
    message: `${plural(kind)} ${JSON.stringify(name)} not found`,
    hint: `tspod get ${kind.toLowerCase()}`,
    exitCode: ExitCode.notFound,
  });
}

/** Equal for equal objects, whatever the order of their fields; fields without a value do not count. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** Whole seconds, as the API has times. */
export function apiNow(host: Host): string {
  return host
    .now()
    .toISOString()
    .replace(/\.\d+Z$/, "Z");
}
