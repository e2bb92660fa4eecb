import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodRecord } from "../state/record.ts";
import type { Locate } from "./locate.ts";
import type { PodView } from "./view.ts";

/**
 * Refuses a pod whose claim is one pod's at a time (ReadWriteOncePod, KEP-2485) and in use, naming by whom. The scheduler
 * would leave it Pending. Throws TS3121.
 */
export function refuseTakenClaims(record: PodRecord, look: { pods(): PodView[]; locate: Locate }): void {
  (record.pod.spec?.volumes ?? []).forEach(({ persistentVolumeClaim }, index) => {
    const claim = persistentVolumeClaim?.claimName;
    if (claim === undefined || !isSole(record, claim)) return;
    const holder = look.pods().find((other) => uses(other, record, claim));
    if (!holder) return;
    throw new TspodError({
      code: "TS3121",
      message: `persistentvolumeclaim ${JSON.stringify(claim)} is in use by pod ${holder.record.name}: its access mode is ReadWriteOncePod`,
      hint: `remove ${holder.record.name} first; or give the claim ReadWriteOnce, which pods of one machine share`,
      exitCode: ExitCode.conflict,
      position: look.locate(`spec.volumes[${index}].persistentVolumeClaim.claimName`),
    });
  });
}

function isSole({ claims = [] }: PodRecord, name: string): boolean {
  const claim = claims.find(({ metadata }) => metadata?.name === name);
  return claim?.spec?.accessModes?.includes("ReadWriteOncePod") ?? false;
}

/** Pods that wait have nothing yet, and ended ones nothing any more. */
function uses({ record, sandbox }: PodView, { uid, namespace }: PodRecord, claim: string): boolean {
  if (record.uid === uid || record.namespace !== namespace) return false;
  if (sandbox.phase === "stopped" || sandbox.phase === "gated" || sandbox.fresh) return false;
  const { volumes = [] } = record.pod.spec ?? {};
  return volumes.some(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName === claim);
}
