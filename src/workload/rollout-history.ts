import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PodTemplate, WorkloadKind } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { listObjects, type ObjectName } from "../state/objects.ts";
import { changeSpec, refusePaused, refuseUnlessRolling } from "./change.ts";
import { isOf } from "./owner.ts";
import { CHANGE_CAUSE, ownAnnotations, revisionOf, sharedAnnotations, withoutHash } from "./revision-sets.ts";
import type { RevisionMemory } from "./revisions.ts";
import { memoryOf, readWorkload } from "./stored.ts";
import { canonical } from "./template-hash.ts";

export interface PastTemplate {
  number: number;
  changeCause?: string | undefined;
  template: PodTemplate;
  /** As its ReplicaSet has it, with the label that tells them apart. */
  labelled?: PodTemplate;
  /** Of a Deployment's ReplicaSet. */
  annotations?: Record<string, string> | undefined;
}

/** The templates that a workload has had and still knows, oldest first. @throws TspodError TS3431, TS3483 */
export function rolloutHistory(host: Host, kind: WorkloadKind, at: ObjectName): PastTemplate[] {
  refuseUnlessRolling(kind);
  const object = readWorkload(host, kind, at);
  if (kind === "Deployment")
    return listObjects(host.paths, "ReplicaSet", at.namespace)
      .filter(isOf(object))
      .map((set) => ({
        number: revisionOf(set),
        changeCause: set.metadata.annotations?.[CHANGE_CAUSE],
        annotations: set.metadata.annotations,
        template: withoutHash(set.spec.template),
        labelled: set.spec.template,
      }))
      .sort((a, b) => a.number - b.number);
  const { revisions = [] } = (memoryOf(host, object).own ?? {}) as RevisionMemory;
  return revisions.map(({ number, changeCause, template }) => ({ number, changeCause, template }));
}

/**
 * Gives the workload an earlier template again: the one before, or that of a number. False when it has it already.
 * @throws TspodError TS3485 when there is no such revision, TS3484 when the rollout is paused
 */
export function undoRollout(host: Host, kind: WorkloadKind, at: ObjectName, number = 0): boolean {
  const history = rolloutHistory(host, kind, at);
  const wanted = number === 0 ? history.at(-2) : history.find((one) => one.number === number);
  if (!wanted)
    throw new TspodError({
      code: "TS3485",
      message:
        number === 0
          ? `no rollout history found for ${kind.toLowerCase()} "${at.name}"`
          : `unable to find specified revision ${number} in history`,
      hint: `tspod rollout history ${kind.toLowerCase()} ${at.name}`,
      exitCode: ExitCode.notFound,
    });
  let changed = false;
  const template = (spec: { template: PodTemplate; paused?: boolean }) => {
    refusePaused(spec, kind, at, "you cannot rollback a paused deployment; resume it first");
    changed = canonical(spec.template) !== canonical(wanted.template);
    return { ...spec, template: wanted.template };
  };
  // Those that a Deployment had with this template, its change cause among them.
  const before = wanted.annotations;
  changeSpec(host, kind, at, template, (annotations) =>
    before && changed ? { ...ownAnnotations(annotations), ...sharedAnnotations(before) } : annotations,
  );
  return changed;
}
