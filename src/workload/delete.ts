import type { WorkloadObject } from "../manifest/index.ts";
import { locked } from "../pod/object-store.ts";
import type { PodView } from "../pod/view.ts";
import { listPods } from "../pod/views.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects, readObject, removeObject } from "../state/objects.ts";
import { controllerOf } from "./owner.ts";
import { ordinalOfClaim } from "./stateful-pod.ts";
import { storedWorkloads } from "./stored.ts";

/** The object with all that it controls, directly or not, itself first. */
function family(host: Host, root: WorkloadObject): WorkloadObject[] {
  const all = storedWorkloads(host);
  const found = [root];
  for (const parent of found)
    found.push(...all.filter((one) => controllerOf(one)?.uid === parent.metadata.uid));
  return found;
}

/** The pods of an object and of what it controls. */
export const ownedPods = (host: Host, object: WorkloadObject): PodView[] =>
  podsOf(host, family(host, object));

function podsOf(host: Host, objects: readonly WorkloadObject[]): PodView[] {
  const uids = new Set(objects.map(({ metadata }) => metadata.uid));
  return listPods(host).filter(({ record }) => {
    const owner = controllerOf(record.pod);
    return owner !== undefined && uids.has(owner.uid);
  });
}

/**
 * Removes the object and the objects that it controls; from now on nobody makes pods for it. Its pods are the caller's to
 * remove, and the daemon's if the caller dies. Gives them, and the names of the claims that go after them.
 */
export function deleteWorkload(host: Host, object: WorkloadObject): { pods: PodView[]; claims: string[] } {
  return locked(host, () => {
    const all = family(host, object);
    const claims = claimsToDelete(host, object);
    // The maker last of all would make new ones meanwhile: it goes first.
    for (const { kind, metadata } of all)
      if (readObject(host.paths, kind, metadata)?.metadata.uid === metadata.uid)
        removeObject(host.paths, kind, metadata);
    // A pod appears under this lock, and only while its maker is there: no other comes after these.
    return { pods: podsOf(host, all), claims };
  });
}

function claimsToDelete(host: Host, object: WorkloadObject): string[] {
  if (object.kind !== "StatefulSet") return [];
  if (object.spec.persistentVolumeClaimRetentionPolicy?.whenDeleted !== "Delete") return [];
  return listObjects(host.paths, "PersistentVolumeClaim", object.metadata.namespace)
    .map(({ metadata }) => metadata.name)
    .filter((name) => ordinalOfClaim(object, name) !== undefined);
}
