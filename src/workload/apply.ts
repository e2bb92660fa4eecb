import { applyWorkloadDefaults, type WorkloadObject } from "../manifest/index.ts";
import { appliedNames } from "../pod/applied-names.ts";
import { alreadyThere, locked } from "../pod/object-store.ts";
import type { Host } from "../runtime/host.ts";
import { readMemory, readObject, writeObject } from "../state/objects.ts";
import { refuseFrozen } from "./frozen.ts";
import { withSelector } from "./job-labels.ts";
import { withIdentity } from "./makers.ts";
import type { Memory } from "./stored.ts";
import { canonical } from "./template-hash.ts";

export interface AppliedWorkload {
  what: "created" | "configured" | "unchanged";
  object: WorkloadObject;
}

export interface ApplyOptions {
  /** It must not be there yet. */
  create?: boolean;
  /** As `apply` does: what others have set stays, what an earlier manifest had and this one lacks goes. */
  merge?: boolean;
}

/**
 * Stores a workload that passed the parser, or changes the stored one; the daemon does the rest. What only the controllers
 * write stays as it is, and so does the number of replicas where the manifest says none (somebody may have scaled).
 * @throws TspodError TS3432 when it is there and must not be (`create`), TS3433 for a change that is not allowed.
 */
export function applyWorkload<W extends WorkloadObject>(
  host: Host,
  given: W,
  { create = false, merge = false }: ApplyOptions = {},
): AppliedWorkload {
  return locked(host, () => {
    const { kind, metadata } = given;
    const before = readObject(host.paths, kind, metadata) as W | undefined;
    if (before && create) throw alreadyThere(kind, metadata.name);
    const memory = (readMemory(host.paths, kind, metadata) as Memory | undefined) ?? {};
    const object = toBeStored(given, { before, memory: merge ? memory : undefined, now: host.now() });
    if (before) refuseFrozen(before, object);
    const same = before !== undefined && canonical(object) === canonical(before);
    const applied = appliedNames({ metadata: given.metadata });
    if (!same || canonical(applied) !== canonical(memory.applied))
      writeObject(host.paths, object, { ...memory, applied } satisfies Memory);
    return { what: !before ? "created" : same ? "unchanged" : "configured", object };
  });
}

/** What `apply` would store of a manifest. */
export function mergedWorkload<W extends WorkloadObject>(host: Host, given: W): W {
  const before = readObject(host.paths, given.kind, given.metadata) as W | undefined;
  const memory = (readMemory(host.paths, given.kind, given.metadata) as Memory | undefined) ?? {};
  return toBeStored(given, { before, memory, now: host.now() });
}

function toBeStored<W extends WorkloadObject>(
  given: W,
  { before, memory, now }: { before: W | undefined; memory: Memory | undefined; now: Date },
): W {
  if (!before) return finish(withIdentity(applyWorkloadDefaults(given), now.getTime()));
  const after = finish(merged(before, applyWorkloadDefaults(keepReplicas(given, before)), memory));
  const sameSpec = canonical(after.spec) === canonical(before.spec);
  const generation = (before.metadata.generation ?? 1) + (sameSpec ? 0 : 1);
  return { ...after, metadata: { ...after.metadata, generation } };
}

/** What the API server adds to a Job whose uid is known. */
const finish = <W extends WorkloadObject>(object: W): W =>
  object.kind === "Job" ? (withSelector(object) as W) : object;

function keepReplicas<W extends WorkloadObject>(given: W, before: W): W {
  const { spec } = given;
  const counted = "replicas" in before.spec ? before.spec.replicas : undefined;
  if (counted === undefined || ("replicas" in spec && spec.replicas !== undefined)) return given;
  return { ...given, spec: { ...spec, replicas: counted } };
}

/** The annotations that controllers write. */
const CONTROLLERS = /^(deployment\.kubernetes\.io|deprecated\.daemonset\.template)\//;

/** With `memory`, labels and annotations that no manifest had stay. */
function merged<W extends WorkloadObject>(before: W, given: W, memory: Memory | undefined): W {
  const { uid, creationTimestamp, generation, ownerReferences } = before.metadata;
  const { labels: _l, annotations: _a, ...rest } = given.metadata;
  const part = (field: "labels" | "annotations") => {
    const known = Object.entries(before.metadata[field] ?? {});
    const kept = known.filter(
      ([key]) => CONTROLLERS.test(key) || (memory && !memory.applied?.[field].includes(key)),
    );
    const after = { ...Object.fromEntries(kept), ...given.metadata[field] };
    return Object.keys(after).length > 0 ? { [field]: after } : {};
  };
  return {
    ...given,
    metadata: {
      ...rest,
      ...part("labels"),
      ...part("annotations"),
      ...(ownerReferences ? { ownerReferences } : {}),
      ...(uid ? { uid } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(generation ? { generation } : {}),
    },
    ...(before.status ? { status: before.status } : {}),
  };
}
