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

type Owned = Parameters<typeof controllerOf>[0];

/** For filters: what this object controls. */
export const isOf =
  (owner: WorkloadObject) =>
  (one: Owned): boolean =>
    controllerOf(one)?.uid === owner.metadata.uid;

/** Metadata of what is the object's from now on (`adopt`), or not any more. */
export function withOwner<M extends NonNullable<Owned["metadata"]>>(
  { ownerReferences = [], ...metadata }: M,
  object: WorkloadObject,
  { adopt }: { adopt: boolean },
): Omit<M, "ownerReferences"> & Pick<M, "ownerReferences"> {
  const others = ownerReferences.filter((one) => one.uid !== object.metadata.uid);
  const after = adopt ? [...others, ownedBy(object)] : others;
  return { ...metadata, ...(after.length > 0 ? { ownerReferences: after } : {}) };
}
