import type { StatefulSetObject, StatefulSetStatus } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { created, deleted, normal, type Outcome, warning } from "./outcome.ts";
import { isAvailable, isFinished, isReady, nextAvailable, type PodSummary } from "./pod-summary.ts";
import {
  type History,
  historyOf,
  REVISION_LABEL,
  type Revision,
  type RevisionMemory,
  trimmed,
} from "./revisions.ts";
import { shareOf } from "./share.ts";
import { claimsOf, ordinalOf, ordinalOfClaim, podName, statefulPod } from "./stateful-pod.ts";

export interface StatefulSetInput {
  set: StatefulSetObject;
  /** The pods it controls. */
  pods: readonly PodSummary[];
  /** Names of all claims of the namespace. */
  claims: readonly string[];
  memory: RevisionMemory | undefined;
  clock: Clock;
}

type Decision = Pick<Outcome<StatefulSetObject>, "create" | "remove" | "events"> & {
  claims: NonNullable<Outcome<StatefulSetObject>["claims"]>;
};

interface Place {
  ordinal: number;
  pod: PodSummary | undefined;
}

/** One step of a StatefulSet: pods with fixed names, made and taken away in the order of their ordinals. */
export function reconcileStatefulSet(input: StatefulSetInput): Outcome<StatefulSetObject> {
  const { set, pods, clock } = input;
  const { spec, metadata } = set;
  const history = historyOf(metadata, spec.template, input.memory);
  const current = currentRevision(set, history);
  const first = spec.ordinals?.start ?? 0;
  const replicas = spec.replicas ?? 1;
  const byOrdinal = new Map(
    pods.flatMap((pod) => {
      const ordinal = ordinalOf(set, pod.name);
      return ordinal === undefined ? [] : [[ordinal, pod] as const];
    }),
  );
  const places = Array.from(
    { length: replicas },
    (_, i): Place => ({
      ordinal: first + i,
      pod: byOrdinal.get(first + i),
    }),
  );
  const condemned = [...byOrdinal.entries()]
    .filter(([ordinal]) => ordinal < first || ordinal >= first + replicas)
    .sort(([a], [b]) => b - a)
    .map(([, pod]) => pod);
  const decision: Decision = { create: [], remove: [], events: [], claims: [] };
  const step = { ...input, history, current, decision, minReady: spec.minReadySeconds ?? 0 };
  const settled = fill(step, places) && scaleDown(step, condemned);
  if (settled) update(step, places);
  const inUse = new Set([...pods.map(revisionNameOf), current.name, history.update.name]);
  const inPlace = places.flatMap(({ pod }) => pod ?? []);
  return {
    ...decision,
    releaseClaims: unneeded(input, byOrdinal, first, replicas),
    status: statusOf(step, inPlace),
    memory: {
      revisions: trimmed(history.all, inUse, spec.revisionHistoryLimit ?? 10),
    } satisfies RevisionMemory,
    requeueAt: nextAvailable(inPlace, step.minReady, clock),
  };
}

interface Step extends StatefulSetInput {
  history: History;
  current: Revision;
  decision: Decision;
  minReady: number;
}

const revisionNameOf = ({ labels }: PodSummary): string => labels[REVISION_LABEL] ?? "";

/** The revision that pods below the partition have: the one before, until an update is complete. */
function currentRevision({ status }: StatefulSetObject, { all, update }: History): Revision {
  return all.find(({ name }) => name === status?.currentRevision) ?? update;
}

const isOrdered = ({ set }: Step): boolean => set.spec.podManagementPolicy !== "Parallel";

const isHealthy = ({ minReady, clock }: Step, pod: PodSummary | undefined): boolean =>
  pod !== undefined && !pod.terminating && isAvailable(pod, minReady, clock);

/** Makes what is missing. False: nothing more is to be done before a pod has changed. */
function fill(step: Step, places: readonly Place[]): boolean {
  const { set, decision } = step;
  for (const place of places) {
    const { pod } = place;
    if (pod === undefined) {
      decision.create.push(statefulPod(set, place.ordinal, revisionFor(step, place.ordinal)));
      decision.claims.push(...claimsOf(set, place.ordinal));
      const name = podName(set, place.ordinal);
      decision.events.push(
        created(name, `create Pod ${name} in StatefulSet ${set.metadata.name} successful`),
      );
      if (isOrdered(step)) return false;
    } else if (isFinished(pod) && !pod.terminating) {
      remove(step, pod, `its containers have ended (${pod.phase})`);
      const what = pod.phase === "Failed" ? "Failed" : "Terminated";
      decision.events.push(
        warning(
          `Recreating${what}Pod`,
          `StatefulSet ${set.metadata.namespace}/${set.metadata.name} is recreating ${what.toLowerCase()} Pod ${pod.name}`,
        ),
      );
      if (isOrdered(step)) return false;
    } else if (isOrdered(step) && !isHealthy(step, pod)) return false;
  }
  return true;
}

/** Below the partition a pod is made as it was; all others as the template is now. */
function revisionFor({ set, history, current }: Step, ordinal: number): Revision {
  const first = set.spec.ordinals?.start ?? 0;
  const partition = set.spec.updateStrategy?.rollingUpdate?.partition ?? 0;
  if (set.spec.updateStrategy?.type === "OnDelete") return history.update;
  return ordinal < first + partition ? current : history.update;
}

/** Takes away what is too much, the highest ordinal first. */
function scaleDown(step: Step, condemned: readonly PodSummary[]): boolean {
  for (const pod of condemned) {
    if (pod.terminating) {
      if (isOrdered(step)) return false;
      continue;
    }
    remove(step, pod, "scaled down");
    step.decision.events.push({
      ...deleted(pod.name),
      message: `delete Pod ${pod.name} in StatefulSet ${step.set.metadata.name} successful`,
    });
    if (isOrdered(step)) return false;
  }
  return true;
}

/** Replaces pods of other revisions from the highest ordinal down to the partition, few at a time. */
function update(step: Step, places: readonly Place[]): void {
  const { spec } = step.set;
  if (spec.updateStrategy?.type === "OnDelete") return;
  const { partition = 0, maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {};
  const first = spec.ordinals?.start ?? 0;
  const limit = Math.max(1, shareOf(maxUnavailable ?? 1, places.length, "up"));
  let unavailable = places.filter(({ pod }) => !isHealthy(step, pod)).length;
  for (const { ordinal, pod } of [...places].reverse()) {
    if (ordinal < first + partition) return;
    if (pod === undefined || pod.terminating || revisionNameOf(pod) === step.history.update.name) continue;
    const wasHealthy = isHealthy(step, pod);
    if (wasHealthy && unavailable >= limit) return;
    remove(step, pod, "its template has changed");
    step.decision.events.push({
      ...normal("SuccessfulDelete", ""),
      message: `delete Pod ${pod.name} in StatefulSet ${step.set.metadata.name} successful`,
    });
    if (wasHealthy) unavailable++;
    if (unavailable >= limit) return;
  }
}

function remove({ decision }: Step, pod: PodSummary, reason: string): void {
  decision.remove.push({ uid: pod.uid, reason });
}

function statusOf(step: Step, pods: readonly PodSummary[]): StatefulSetStatus {
  const { set, history, current, minReady, clock } = step;
  const alive = pods.filter((pod) => !isFinished(pod));
  const of = ({ name }: Revision) =>
    alive.filter((pod) => !pod.terminating && revisionNameOf(pod) === name).length;
  const ready = alive.filter(isReady).length;
  const replicas = set.spec.replicas ?? 1;
  const updated = of(history.update);
  const rolling = set.spec.updateStrategy?.type !== "OnDelete";
  const complete = rolling && updated === replicas && ready === replicas && alive.length === replicas;
  return {
    observedGeneration: set.metadata.generation ?? 1,
    replicas: alive.length,
    readyReplicas: ready,
    availableReplicas: alive.filter((pod) => isAvailable(pod, minReady, clock)).length,
    currentReplicas: complete ? updated : of(current),
    updatedReplicas: updated,
    currentRevision: complete ? history.update.name : current.name,
    updateRevision: history.update.name,
    collisionCount: 0,
  };
}

/** Claims of ordinals that were scaled away, once their pods are gone, if the set does not keep them. */
function unneeded(
  { set, claims }: StatefulSetInput,
  byOrdinal: ReadonlyMap<number, PodSummary>,
  first: number,
  replicas: number,
): string[] {
  if (set.spec.persistentVolumeClaimRetentionPolicy?.whenScaled !== "Delete") return [];
  return claims.filter((name) => {
    const ordinal = ordinalOfClaim(set, name);
    if (ordinal === undefined || byOrdinal.has(ordinal)) return false;
    return ordinal < first || ordinal >= first + replicas;
  });
}
