import {
  type OwnerReference,
  WORKLOAD_KINDS,
  type WorkloadKind,
  type WorkloadObject,
} from "../manifest/index.ts";
import { notThere } from "../pod/object-store.ts";
import type { Host } from "../runtime/host.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { withLock } from "../state/lock.ts";
import {
  listObjects,
  type ObjectName,
  readMemory,
  readObject,
  removeObject,
  writeObject,
} from "../state/objects.ts";
import { apiTime } from "./clock.ts";
import type { WorkloadEvent } from "./outcome.ts";
import { controllerOf } from "./owner.ts";
import { canonical } from "./template-hash.ts";

/** An event as it is kept: the same one again only counts. */
export interface StoredEvent extends WorkloadEvent {
  /** RFC 3339. */
  first: string;
  last: string;
  count: number;
}

/** What is kept beside an object. */
export interface Memory {
  /** The controller's own. */
  own?: unknown;
  /** The latest, oldest first. */
  events?: StoredEvent[];
  /** Names of the labels and annotations that the last manifest had. */
  applied?: { labels: string[]; annotations: string[] };
}

export type OfWorkload<K extends WorkloadKind> = Extract<WorkloadObject, { kind: K }>;

export const storedWorkloads = (host: Host): WorkloadObject[] =>
  WORKLOAD_KINDS.flatMap((kind): WorkloadObject[] => listObjects(host.paths, kind));

export const memoryOf = (host: Host, { kind, metadata }: WorkloadObject): Memory =>
  (readMemory(host.paths, kind, metadata) as Memory | undefined) ?? {};

/** @throws TspodError TS3431 when there is none of that name. */
export function readWorkload<K extends WorkloadKind>(host: Host, kind: K, at: ObjectName): OfWorkload<K> {
  const object = readObject(host.paths, kind, at);
  if (object) return object as unknown as OfWorkload<K>;
  throw notThere(kind, at.name);
}

/**
 * Changes a stored object from what it is now, not from what it was when it was read: commands and the daemon write at
 * any time. Undefined when it is gone, or another of its name has come.
 */
export function updateStored<W extends WorkloadObject>(
  host: Host,
  { kind, metadata }: W,
  change: (now: W, memory: Memory) => { object: W; memory?: Memory },
): W | undefined {
  return withLock(networkLock(host), () => {
    const now = readObject(host.paths, kind, metadata) as W | undefined;
    if (!now || now.metadata.uid !== metadata.uid) return undefined;
    const before = (readMemory(host.paths, kind, metadata) as Memory | undefined) ?? {};
    const { object, memory = before } = change(now, before);
    if (canonical([object, memory]) !== canonical([now, before])) writeObject(host.paths, object, memory);
    return object;
  });
}

/** Adds to what is known to have happened to an object. */
export function tellOf(host: Host, object: WorkloadObject, events: readonly WorkloadEvent[]): void {
  if (events.length === 0) return;
  const time = apiTime(host.now().getTime());
  updateStored(host, object, (now, memory) => ({ object: now, memory: withEvents(memory, events, time) }));
}

/** Whether the owner that a reference names is stored. */
export function isThere(host: Host, owner: OwnerReference, namespace: string): boolean {
  const kind = WORKLOAD_KINDS.find((one) => one === owner.kind);
  return (
    kind !== undefined && readObject(host.paths, kind, { ...owner, namespace })?.metadata.uid === owner.uid
  );
}

/** Stores a new object under a lock; undefined when one of its name is there, or its owner is not any more. */
export function storeNew<W extends WorkloadObject>(host: Host, object: W): W | undefined {
  return withLock(networkLock(host), () => {
    const owner = controllerOf(object);
    if (owner && !isThere(host, owner, object.metadata.namespace)) return undefined;
    if (readObject(host.paths, object.kind, object.metadata)) return undefined;
    writeObject(host.paths, object);
    return object;
  });
}

/** Removes it if it is still the same. */
export function removeStored(host: Host, { kind, metadata }: WorkloadObject): void {
  withLock(networkLock(host), () => {
    if (readObject(host.paths, kind, metadata)?.metadata.uid === metadata.uid)
      removeObject(host.paths, kind, metadata);
  });
}

const MAX_EVENTS = 25;

export function withEvents(memory: Memory, events: readonly WorkloadEvent[], time: string): Memory {
  if (events.length === 0) return memory;
  const all = [...(memory.events ?? [])];
  for (const { type, reason, message } of events) {
    const event = { type, reason, message };
    const at = all.findIndex(({ reason, message }) => reason === event.reason && message === event.message);
    const [known] = at < 0 ? [] : all.splice(at, 1);
    all.push({ ...event, first: known?.first ?? time, last: time, count: (known?.count ?? 0) + 1 });
  }
  return { ...memory, events: all.slice(-MAX_EVENTS) };
}
