import type { DeploymentCondition, DeploymentStatus } from "../manifest/index.ts";
import { apiTime, type Clock } from "./clock.ts";
import { conditionOf, withCondition, withoutCondition } from "./conditions.ts";
import type { DeploymentInput } from "./deployment.ts";
import type { CountedSet } from "./revision-sets.ts";
import type { Fence } from "./rollout.ts";
import { withoutZeros } from "./share.ts";

const TIMED_OUT = "ProgressDeadlineExceeded";
/** The largest number of the field says that there is no deadline. */
const NO_DEADLINE = 2 ** 31 - 1;

interface StatusInput extends DeploymentInput {
  fence: Fence;
  current: CountedSet | undefined;
  old: readonly CountedSet[];
  /** The set that this step has added. */
  made: CountedSet | undefined;
}

interface Progress {
  status: DeploymentStatus;
  complete: boolean;
  requeueAt: number | undefined;
}

/** Counts and conditions as `kubectl rollout status` and `get` read them. */
export function deploymentStatus(input: StatusInput): Progress {
  const { deployment, fence, current, old } = input;
  const all = [...(current ? [current] : []), ...old];
  const total = (count: (set: CountedSet) => number) => all.reduce((sum, set) => sum + count(set), 0);
  const available = total((set) => set.available);
  const counts = {
    replicas: total(({ active }) => active),
    updatedReplicas: current?.active ?? 0,
    readyReplicas: total(({ ready }) => ready),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(({ wanted }) => wanted) - available),
  };
  const complete =
    counts.updatedReplicas === fence.replicas &&
    counts.replicas === fence.replicas &&
    counts.availableReplicas === fence.replicas;
  const conditions = conditionsOf(input, counts, complete);
  return {
    complete,
    status: {
      observedGeneration: deployment.metadata.generation ?? 1,
      ...withoutZeros(counts),
      ...(deployment.status?.collisionCount ? { collisionCount: deployment.status.collisionCount } : {}),
      conditions,
    },
    requeueAt: complete ? undefined : deadlineOf(input, conditions),
  };
}

function conditionsOf(
  { deployment, fence, current, old, made, clock }: StatusInput,
  counts: DeploymentStatus,
  complete: boolean,
): DeploymentCondition[] {
  const before = deployment.status;
  const set = (
    conditions: DeploymentCondition[],
    type: string,
    status: string,
    reason: string,
    message: string,
  ) => withCondition(conditions, { type, status, reason, message }, clock, "lastUpdateTime");
  let list = [...(before?.conditions ?? [])];
  const enough = (counts.availableReplicas ?? 0) >= fence.replicas - fence.maxUnavailable;
  list = enough
    ? set(list, "Available", "True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    : set(
        list,
        "Available",
        "False",
        "MinimumReplicasUnavailable",
        "Deployment does not have minimum availability.",
      );
  const failure = failureOf([...(current ? [current] : []), ...old]);
  list = failure
    ? set(list, failure.type, failure.status, failure.reason ?? "", failure.message ?? "")
    : withoutCondition(list, "ReplicaFailure");
  let progressing = conditionOf(list, "Progressing");
  if (deployment.spec.paused && progressing?.reason !== TIMED_OUT)
    list = set(list, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused");
  if (deployment.spec.paused) return list;
  if (deployment.spec.progressDeadlineSeconds === NO_DEADLINE) return withoutCondition(list, "Progressing");
  if (progressing?.reason === "DeploymentPaused")
    list = set(list, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed");
  progressing = conditionOf(list, "Progressing");
  const name = current?.set.metadata.name ?? deployment.metadata.name;
  if (complete)
    return set(
      list,
      "Progressing",
      "True",
      "NewReplicaSetAvailable",
      `ReplicaSet "${name}" has successfully progressed.`,
    );
  if (made)
    return set(list, "Progressing", "True", "NewReplicaSetCreated", `Created new replica set "${name}"`);
  // Once a rollout is complete, pods that come or go are no progress, and no lack of it.
  const isResync = counts.replicas === counts.updatedReplicas;
  if (isResync && progressing?.reason === "NewReplicaSetAvailable") return list;
  if (hasProgressed(before, counts)) {
    const fresh = set(
      list,
      "Progressing",
      "True",
      "ReplicaSetUpdated",
      `ReplicaSet "${name}" is progressing.`,
    );
    return refreshed(fresh, clock);
  }
  if (progressing === undefined)
    return set(list, "Progressing", "True", "FoundNewReplicaSet", `Found new replica set "${name}"`);
  return isLate(deployment.spec.progressDeadlineSeconds, progressing, clock)
    ? set(list, "Progressing", "False", TIMED_OUT, `ReplicaSet "${name}" has timed out progressing.`)
    : list;
}

/** That of the first set which cannot make its pods, the current one before all others. */
function failureOf(sets: readonly CountedSet[]) {
  return sets
    .flatMap(({ set }) => conditionOf(set.status?.conditions, "ReplicaFailure") ?? [])
    .find(({ status }) => status === "True");
}

function hasProgressed(before: DeploymentStatus | undefined, now: DeploymentStatus): boolean {
  const more = (count: (status: DeploymentStatus) => number | undefined) =>
    (count(now) ?? 0) > (count(before ?? {}) ?? 0);
  const old = ({ replicas = 0, updatedReplicas = 0 }: DeploymentStatus) => replicas - updatedReplicas;
  return (
    more((one) => one.updatedReplicas) ||
    more((one) => one.readyReplicas) ||
    more((one) => one.availableReplicas) ||
    old(now) < old(before ?? {})
  );
}

/** Progress that was made again counts from now. */
function refreshed(list: DeploymentCondition[], clock: Clock): DeploymentCondition[] {
  return list.map((one) =>
    one.type === "Progressing" ? { ...one, lastUpdateTime: apiTime(clock.now) } : one,
  );
}

const lateAt = (seconds: number, { lastUpdateTime }: DeploymentCondition, clock: Clock): number =>
  Date.parse(lastUpdateTime ?? "") + clock.seconds(seconds);

/** The end of the rollout before has no deadline. */
const isLate = (seconds = 600, condition: DeploymentCondition, clock: Clock): boolean =>
  condition.reason !== "NewReplicaSetAvailable" && clock.now >= lateAt(seconds, condition, clock);

function deadlineOf({ deployment, clock }: StatusInput, list: DeploymentCondition[]): number | undefined {
  const progressing = conditionOf(list, "Progressing");
  if (progressing?.status !== "True" && progressing?.reason !== "DeploymentResumed") return undefined;
  if (progressing.reason === "NewReplicaSetAvailable") return undefined;
  return lateAt(deployment.spec.progressDeadlineSeconds ?? 600, progressing, clock);
}
