import type { OwnerReference, WorkloadObject } from "../manifest/index.ts";

/** The reference by which an object's pods (and ReplicaSets, and Jobs) say whose they are. */
export function ownedBy({ apiVersion, kind, metadata }: WorkloadObject): OwnerReference {
  return {
    apiVersion,
    kind,
    name: metadata.name,
    uid: metadata.uid ?? "",
    controller: true,
    blockOwnerDeletion: true,
  };
}

/** The object that controls this one. */
export const controllerOf = ({
  metadata,
}: {
  metadata?: { ownerReferences?: OwnerReference[] };
}): OwnerReference | undefined => metadata?.ownerReferences?.find(({ controller }) => controller === true);
