import { fromLabelSelector, matchesSelector, type ReplicaSetObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { withCondition, withoutCondition } from "./conditions.ts";
import { generatedNames, type Random } from "./names.ts";
import { newPod } from "./new-pod.ts";
import { created, deleted, type Outcome } from "./outcome.ts";
import { isActive, isAvailable, isReady, nextAvailable, type PodSummary } from "./pod-summary.ts";
import { withoutZeros } from "./share.ts";
import { byWorth } from "./victims.ts";

/**
 * Keeps as many pods as the ReplicaSet wants. `pods` are all that say it controls them; those whose labels were changed
 * so that the selector does not find them any more are let go.
 */
export function reconcileReplicaSet(
  set: ReplicaSetObject,
  pods: readonly PodSummary[],
  clock: Clock,
  random: Random,
  /** Why the last pod could not be made, if it could not. */
  failure?: string,
): Outcome<ReplicaSetObject> {
  const { metadata, spec } = set;
  const selector = fromLabelSelector(spec.selector);
  const mine = pods.filter(({ labels }) => matchesSelector(selector, labels));
  const active = mine.filter(isActive);
  const wanted = spec.replicas ?? 1;
  const names = generatedNames(
    `${metadata.name}-`,
    Math.max(0, wanted - active.length),
    random,
    pods.map(({ name }) => name),
  );
  const victims = byWorth(active).slice(0, Math.max(0, active.length - wanted));
  const minReady = spec.minReadySeconds ?? 0;
  const own = spec.template.metadata?.labels ?? {};
  // One that is being made may come to nothing.
  const present = active.filter(({ uid }) => uid !== "");
  const conditions = failing(set, present.length < wanted ? failure : undefined, clock);
  return {
    create: names.map((name) => newPod(set, spec.template, { name, generateName: `${metadata.name}-` })),
    remove: [
      ...victims.map(({ uid }) => ({ uid, reason: "scaled down" })),
      // Others that have ended stay for people to look at; these would only become more with each restart.
      ...mine
        .filter(({ lost, terminating }) => lost && !terminating)
        .map(({ uid }) => ({ uid, reason: "the machine was restarted" })),
    ],
    status: {
      replicas: present.length,
      ...withoutZeros({
        fullyLabeledReplicas: present.filter(({ labels }) => contains(labels, own)).length,
        readyReplicas: active.filter(isReady).length,
        availableReplicas: active.filter((pod) => isAvailable(pod, minReady, clock)).length,
      }),
      observedGeneration: metadata.generation ?? 1,
      ...(conditions.length > 0 ? { conditions } : {}),
    },
    events: [...names.map((name) => created(name)), ...victims.map(({ name }) => deleted(name))],
    requeueAt: nextAvailable(active, minReady, clock),
  };
}

function failing({ status }: ReplicaSetObject, failure: string | undefined, clock: Clock) {
  const type = "ReplicaFailure";
  if (failure === undefined) return withoutCondition(status?.conditions, type);
  const condition = { type, status: "True", reason: "FailedCreate", message: failure };
  return withCondition(status?.conditions, condition, clock);
}

const contains = (labels: Record<string, string>, part: Record<string, string>): boolean =>
  Object.entries(part).every(([key, value]) => labels[key] === value);
