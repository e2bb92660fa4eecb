import { applyWorkloadDefaults, type WorkloadObject } from "../manifest/index.ts";
import { alreadyThere, locked } from "../pod/object-store.ts";
import type { Host } from "../runtime/host.ts";
import { readMemory, readObject, writeObject } from "../state/objects.ts";
import { refuseFrozen } from "./frozen.ts";
import { withSelector } from "./job-labels.ts";
import { withIdentity } from "./makers.ts";
import { canonical } from "./template-hash.ts";

export interface AppliedWorkload {
  what: "created" | "configured" | "unchanged";
  object: WorkloadObject;
}

/**
 * Stores a workload that passed the parser, or changes the stored one; the daemon does the rest. What only the controllers
 * write stays as it is, and so does the number of replicas where the manifest says none (somebody may have scaled).
 * @throws TspodError TS3432 when it is there and must not be (`create`), TS3433 for a change that is not allowed.
 */
export function applyWorkload<W extends WorkloadObject>(
  host: Host,
  given: W,
  { create = false } = {},
): AppliedWorkload {
  return locked(host, () => {
    const { kind, metadata } = given;
    const before = readObject(host.paths, kind, metadata) as W | undefined;
    if (before && create) throw alreadyThere(kind, metadata.name);
    const filled = applyWorkloadDefaults(before ? keepReplicas(given, before) : given);
    if (!before) {
      const object = finish(withIdentity(filled, host.now().getTime()));
      writeObject(host.paths, object);
      return { what: "created", object };
    }
    const after = finish(merged(before, filled));
    if (canonical(after) === canonical(before)) return { what: "unchanged", object: before };
    refuseFrozen(before, after);
    const sameSpec = canonical(after.spec) === canonical(before.spec);
    const generation = (before.metadata.generation ?? 1) + (sameSpec ? 0 : 1);
    const object = { ...after, metadata: { ...after.metadata, generation } };
    writeObject(host.paths, object, readMemory(host.paths, kind, metadata));
    return { what: "configured", object };
  });
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

function merged<W extends WorkloadObject>(before: W, given: W): W {
  const kept = Object.entries(before.metadata.annotations ?? {}).filter(([key]) => CONTROLLERS.test(key));
  const annotations = { ...Object.fromEntries(kept), ...given.metadata.annotations };
  const { uid, creationTimestamp, generation, ownerReferences } = before.metadata;
  return {
    ...given,
    metadata: {
      ...given.metadata,
      ...(Object.keys(annotations).length > 0 ? { annotations } : {}),
      ...(ownerReferences ? { ownerReferences } : {}),
      ...(uid ? { uid } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
      ...(generation ? { generation } : {}),
    },
    ...(before.status ? { status: before.status } : {}),
  };
}
