import type { DeploymentObject, ReplicaSetObject } from "../manifest/index.ts";
import { type Clock, earliest } from "./clock.ts";
import { deploymentStatus } from "./deployment-status.ts";
import { normal, type Outcome, type WorkloadEvent } from "./outcome.ts";
import { isActive, nextAvailable, type PodSummary } from "./pod-summary.ts";
import {
  type CountedSet,
  countSet,
  currentSet,
  DESIRED,
  MAX,
  newSet,
  REVISION,
  REVISION_HISTORY,
  revisionOf,
  sharedAnnotations,
} from "./revision-sets.ts";
import { type Fence, fenceOf, isScaling, recreateStep, rollStep, scaleStep } from "./rollout.ts";
import { canonical } from "./template-hash.ts";

export interface DeploymentOutcome
  extends Pick<Outcome<DeploymentObject>, "status" | "events" | "requeueAt"> {
  /** ReplicaSets to create or change; those without a uid are new. */
  write: ReplicaSetObject[];
  /** Names of ReplicaSets that are older than the history goes. */
  discard: string[];
  annotations: Record<string, string>;
}

export interface DeploymentInput {
  deployment: DeploymentObject;
  /** The ReplicaSets it controls. */
  sets: readonly ReplicaSetObject[];
  /** The pods of those. */
  pods: readonly PodSummary[];
  clock: Clock;
}

/** One step of a Deployment: it makes no pods, but ReplicaSets, one for each template it has had. */
export function reconcileDeployment(input: DeploymentInput): DeploymentOutcome {
  const { deployment, sets, pods, clock } = input;
  const { spec } = deployment;
  const minReady = spec.minReadySeconds ?? 0;
  const counted = (set: ReplicaSetObject) => countSet(set, pods, minReady, clock);
  const fence = fenceOf(deployment);
  const rolling = spec.strategy?.type !== "Recreate";
  const paused = spec.paused === true;

  const found = currentSet(deployment, sets);
  const old = sets.filter((set) => set !== found).map(counted);
  let current = found && counted(found);
  let made: CountedSet | undefined;
  const known = [...(current ? [current] : []), ...old];
  if (isScaling(known, fence)) scaleStep(current, old, fence, rolling);
  const scaled = known.some(({ set, wanted }) => wanted !== (set.spec.replicas ?? 1));
  if (!paused && !scaled && (rolling || recreateStep(current, old, fence))) {
    if (!current) {
      made = counted(newSet(deployment, 0));
      current = made;
    }
    if (rolling) rollStep(current, old, fence);
    else current.wanted = fence.replicas;
  }
  const all = [...(current ? [current] : []), ...old];
  const revision = revisionFor(current, old, paused);
  const { status, requeueAt, complete } = deploymentStatus({ ...input, fence, current, old, made });
  const discard = complete && !paused ? tooOld(old, spec.revisionHistoryLimit ?? 10) : [];
  return {
    write: all.flatMap(
      (one) => changed(one, { deployment, fence, isCurrent: one === current, revision }) ?? [],
    ),
    discard,
    annotations: { ...deployment.metadata.annotations, [REVISION]: String(revision) },
    status,
    events: all.flatMap(scalingEvent),
    requeueAt: earliest(requeueAt, nextAvailable(pods.filter(isActive), minReady, clock)),
  };
}

/** The current set has the highest number; one that an older template is found in again gets a new one. */
function revisionFor(current: CountedSet | undefined, old: readonly CountedSet[], paused: boolean): number {
  const highest = Math.max(0, ...old.map(({ set }) => revisionOf(set)));
  const own = current ? revisionOf(current.set) : 0;
  if (!current || paused) return Math.max(own, highest);
  return own > highest ? own : highest + 1;
}

function changed(
  { set, wanted }: CountedSet,
  {
    deployment,
    fence,
    isCurrent,
    revision,
  }: { deployment: DeploymentObject; fence: Fence; isCurrent: boolean; revision: number },
): ReplicaSetObject | undefined {
  const { minReadySeconds } = deployment.spec;
  const annotations = {
    ...set.metadata.annotations,
    ...(wanted > 0 || isCurrent
      ? { [DESIRED]: String(fence.replicas), [MAX]: String(fence.replicas + fence.maxSurge) }
      : {}),
    ...(isCurrent
      ? { ...sharedAnnotations(deployment.metadata.annotations), ...numbered(set, revision) }
      : {}),
  };
  const after: ReplicaSetObject = {
    ...set,
    metadata: { ...set.metadata, annotations },
    spec: {
      ...set.spec,
      replicas: wanted,
      ...(isCurrent && minReadySeconds !== undefined ? { minReadySeconds } : {}),
    },
  };
  const isNew = set.metadata.uid === undefined;
  return isNew || canonical(after) !== canonical(set) ? after : undefined;
}

/** Its revision and, if it has been current before, those it had then. */
function numbered(set: ReplicaSetObject, revision: number): Record<string, string> {
  const before = revisionOf(set);
  if (before === 0 || before === revision) return { [REVISION]: String(revision) };
  const history = [set.metadata.annotations?.[REVISION_HISTORY], String(before)].filter(Boolean).join(",");
  return { [REVISION]: String(revision), [REVISION_HISTORY]: history };
}

function scalingEvent({ set, wanted }: CountedSet): WorkloadEvent[] {
  const before = set.spec.replicas ?? 1;
  if (wanted === before) return [];
  const way = wanted > before ? "up" : "down";
  const message = `Scaled ${way} replica set ${set.metadata.name} from ${before} to ${wanted}`;
  return [normal("ScalingReplicaSet", message)];
}

function tooOld(old: readonly CountedSet[], limit: number): string[] {
  const idle = old.filter(({ wanted, alive }) => wanted === 0 && alive === 0);
  return idle
    .sort((a, b) => revisionOf(a.set) - revisionOf(b.set))
    .slice(0, Math.max(0, old.length - limit))
    .map(({ set }) => set.metadata.name);
}
