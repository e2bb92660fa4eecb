import type { StatefulSetObject, StatefulSetStatus } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { created, normal, type Outcome, type WorkloadEvent, warning } from "./outcome.ts";
import { isAvailable, isFinished, isReady, nextAvailable, type PodSummary } from "./pod-summary.ts";
import {
  type History,
  historyOf,
  REVISION_LABEL,
  type Revision,
  type RevisionMemory,
  trimmed,
} from "./revisions.ts";
import { shareOf, withoutZeros } from "./share.ts";
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
  const there = [...inPlace, ...condemned].filter(({ uid }) => uid !== "");
  return {
    ...decision,
    releaseClaims: unneeded(input, byOrdinal, first, replicas),
    status: statusOf(step, there),
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
      decision.events.push(recreating(set, pod));
      if (isOrdered(step)) return false;
    } else if (isOrdered(step) && !isHealthy(step, pod)) return false;
  }
  return true;
}

function recreating({ metadata }: StatefulSetObject, { name, phase }: PodSummary): WorkloadEvent {
  const what = (word: string) =>
    `StatefulSet ${metadata.namespace}/${metadata.name} is recreating ${word} Pod ${name}`;
  return phase === "Failed"
    ? warning("RecreatingFailedPod", what("failed"))
    : normal("RecreatingTerminatedPod", what("terminated"));
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
    step.decision.events.push(deletedFrom(step, pod));
    if (isOrdered(step)) return false;
  }
  return true;
}

/** Replaces pods of other revisions from the highest ordinal down to the partition, few at a time. */
function update(step: Step, places: readonly Place[]): void {
  const { spec } = step.set;
  if (spec.updateStrategy?.type === "OnDelete") return;
  const { partition = 0, maxUnavailable } = spec.updateStrategy?.rollingUpdate ?? {};
  const limit = Math.max(1, shareOf(maxUnavailable ?? 1, places.length, "up"));
  const first = (spec.ordinals?.start ?? 0) + partition;
  const concerned = places.filter(({ ordinal }) => ordinal >= first).reverse();
  if (limit === 1) updateNext(step, concerned);
  else updateSeveral(step, concerned, { limit, places });
}

const isOutdated = ({ history }: Step, pod: PodSummary): boolean =>
  !pod.terminating && revisionNameOf(pod) !== history.update.name;

/** One: also when others are not healthy, which an update may be meant to mend; but what is new must become so first. */
function updateNext(step: Step, concerned: readonly Place[]): void {
  for (const { pod } of concerned) {
    if (pod === undefined) return;
    const outdated = isOutdated(step, pod);
    if (outdated) replace(step, pod);
    if (outdated || !isHealthy(step, pod)) return;
  }
}

function updateSeveral(
  step: Step,
  concerned: readonly Place[],
  { limit, places }: { limit: number; places: readonly Place[] },
): void {
  let unavailable = places.filter(({ pod }) => !isHealthy(step, pod)).length;
  for (const { pod } of concerned) {
    if (pod === undefined || !isOutdated(step, pod)) continue;
    const wasHealthy = isHealthy(step, pod);
    if (wasHealthy && unavailable >= limit) return;
    replace(step, pod);
    if (wasHealthy) unavailable++;
    if (unavailable >= limit) return;
  }
}

function replace(step: Step, pod: PodSummary): void {
  remove(step, pod, "its template has changed");
  step.decision.events.push(deletedFrom(step, pod));
}

const deletedFrom = ({ set }: Step, { name }: PodSummary): WorkloadEvent =>
  normal("SuccessfulDelete", `delete Pod ${name} in StatefulSet ${set.metadata.name} successful`);

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
    availableReplicas: alive.filter((pod) => isAvailable(pod, minReady, clock)).length,
    ...withoutZeros({
      readyReplicas: ready,
      currentReplicas: complete ? updated : of(current),
      updatedReplicas: updated,
    }),
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
