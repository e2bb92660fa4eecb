import { join } from "node:path";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { PersistentVolumeClaim } from "../../manifest/index.ts";
import type { HostOp } from "../host-op.ts";
import { findObject, namespaceOf, type PlanVolume, type VolumesInput } from "./planned.ts";
import { notFound, setUpFailed } from "./set-up-failed.ts";

/** Everybody may write, as local provisioners have it: who may is the pod's affair (fsGroup). */
const CLAIM_MODE = 0o777;

/**
 * A folder of this machine that outlives the pod. The claim must be there; its folder is made when it is first
 * used.
 */
export const planClaim: PlanVolume<"persistentVolumeClaim"> = (name, { claimName, readOnly }, input) => {
  const claim = findObject(input.claims, claimName, input);
  if (!claim) throw notFound(name, "PersistentVolumeClaim", claimName);
  refuseBlock(name, claim);
  const { path, record, parents } = claimPlaces(claimName, input);
  return {
    ops: [
      ...parents,
      { op: "claim-ensure", path, mode: CLAIM_MODE, record, data: recordText(claim, input) },
      ...(readOnly ? [] : groupOps(path, input)),
    ],
    volume: { name, path, readOnly: readOnly === true, createSubPath: true },
  };
};

/** A claim of the pod's own, named after both, that goes with it. */
export const planEphemeral: PlanVolume<"ephemeral"> = (name, { volumeClaimTemplate }, input) => {
  const claimName = ephemeralClaimName(input, name);
  const namespace = namespaceOf(input);
  if (findObject(input.claims, claimName, input)) {
    throw new TspodError({
      code: "TS3210",
      message: `PVC "${namespace}/${claimName}" was not created for pod "${namespace}/${input.pod.metadata?.name}" (pod is not the owner)`,
      hint: "rename the pod or the volume: an ephemeral volume's claim is called POD-VOLUME",
      exitCode: ExitCode.conflict,
    });
  }
  const claim = ownClaim(claimName, volumeClaimTemplate ?? { spec: {} }, input);
  refuseBlock(name, claim);
  const { path, record, parents } = claimPlaces(claimName, input);
  return {
    ops: [
      ...parents,
      { op: "mkdir", path, mode: CLAIM_MODE },
      { op: "write-file", path: record, data: recordText(claim, input), mode: 0o600 },
      ...groupOps(path, input),
    ],
    volume: { name, path, readOnly: false, createSubPath: true },
  };
};

export function ephemeralClaimName({ pod }: Pick<VolumesInput, "pod">, volume: string): string {
  return `${pod.metadata?.name}-${volume}`;
}

function ownClaim(
  name: string,
  template: { metadata?: PersistentVolumeClaim["metadata"]; spec: object },
  input: VolumesInput,
): PersistentVolumeClaim {
  const { pod, facts } = input;
  return {
    apiVersion: "v1",
    kind: "PersistentVolumeClaim",
    metadata: {
      ...template.metadata,
      name,
      namespace: namespaceOf(input),
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Pod",
          name: pod.metadata?.name ?? "",
          uid: facts.uid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: template.spec,
  };
}

/** Others' claims are behind folders that only root enters: what is in them may be everybody's to write. */
function claimPlaces(name: string, input: VolumesInput) {
  const namespace = namespaceOf(input);
  const { claimsDirectory, claimRecords } = input;
  const parents = [claimsDirectory, join(claimsDirectory, namespace), join(claimRecords, namespace)].map(
    (path): HostOp => ({ op: "ensure-directory", path, mode: 0o700 }),
  );
  return {
    path: join(claimsDirectory, namespace, name),
    record: join(claimRecords, namespace, `${name}.json`),
    parents,
  };
}

/** As state/objects.ts keeps it. */
function recordText(claim: PersistentVolumeClaim, { now }: VolumesInput): string {
  const creationTimestamp = now.toISOString().replace(/\.\d+Z$/, "Z");
  const object = { ...claim, metadata: { creationTimestamp, ...claim.metadata } };
  return `${JSON.stringify({ schema: 1, object })}\n`;
}

function groupOps(path: string, { pod }: VolumesInput): HostOp[] {
  const { fsGroup, fsGroupChangePolicy = "Always" } = pod.spec?.securityContext ?? {};
  return fsGroup === undefined
    ? []
    : [{ op: "fs-group", path, gid: fsGroup, onlyOnMismatch: fsGroupChangePolicy === "OnRootMismatch" }];
}

function refuseBlock(volume: string, { spec }: PersistentVolumeClaim): void {
  if (spec?.volumeMode !== "Block") return;
  throw setUpFailed(volume, "its claim has volumeMode Block, and block devices cannot be passed", {
    code: "TS3211",
    hint: "volumeMode: Filesystem gives a folder",
  });
}
