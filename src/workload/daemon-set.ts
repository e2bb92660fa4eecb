import type { DaemonSetObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { generatedName, type Random } from "./names.ts";
import { newPod } from "./new-pod.ts";
import { created, deleted, normal, type Outcome, type WorkloadEvent, warning } from "./outcome.ts";
import { isActive, isAvailable, isFinished, isReady, nextAvailable, type PodSummary } from "./pod-summary.ts";
import { historyOf, REVISION_LABEL, type RevisionMemory, trimmed } from "./revisions.ts";
import { isNone, withoutZeros } from "./share.ts";
import { byWorth } from "./victims.ts";

export interface DaemonSetInput {
  set: DaemonSetObject;
  pods: readonly PodSummary[];
  memory: RevisionMemory | undefined;
  clock: Clock;
  random: Random;
  /** This machine, for messages. */
  node: string;
}

/** One step of a DaemonSet: one pod, because there is one machine. */
export function reconcileDaemonSet(input: DaemonSetInput): Outcome<DaemonSetObject> {
  const { set, pods, clock, random } = input;
  const { metadata, spec } = set;
  const history = historyOf(metadata, spec.template, input.memory);
  const minReady = spec.minReadySeconds ?? 0;
  const failed = pods.filter((pod) => isFinished(pod) && !pod.terminating);
  const active = pods.filter(isActive);
  const isUpdated = ({ labels }: PodSummary) => labels[REVISION_LABEL] === history.update.name;
  const updated = active.filter(isUpdated);
  const old = active.filter((pod) => !isUpdated(pod));
  const { missing, surplus } = decide(input, { updated, old });
  const name = generatedName(`${metadata.name}-`, random);
  const available = active.filter((pod) => isAvailable(pod, minReady, clock));
  const inUse = new Set([...pods.map(({ labels }) => labels[REVISION_LABEL] ?? ""), history.update.name]);
  return {
    create: missing
      ? [
          newPod(set, spec.template, {
            name,
            generateName: `${metadata.name}-`,
            labels: { [REVISION_LABEL]: history.update.name },
          }),
        ]
      : [],
    remove: [...failed, ...surplus].map(({ uid }) => ({ uid, reason: "replaced" })),
    events: [
      ...failed.map((pod) => ended(pod, input.node)),
      ...surplus.map((pod) => deleted(pod.name)),
      ...(missing ? [created(name)] : []),
    ],
    status: {
      desiredNumberScheduled: 1,
      currentNumberScheduled: active.length > 0 ? 1 : 0,
      numberMisscheduled: 0,
      numberReady: active.some(isReady) ? 1 : 0,
      ...withoutZeros({
        updatedNumberScheduled: updated.length > 0 ? 1 : 0,
        numberAvailable: available.length > 0 ? 1 : 0,
        numberUnavailable: available.length > 0 ? 0 : 1,
      }),
      observedGeneration: metadata.generation ?? 1,
    },
    memory: {
      revisions: trimmed(history.all, inUse, spec.revisionHistoryLimit ?? 10),
    } satisfies RevisionMemory,
    requeueAt: nextAvailable(active, minReady, clock),
  };
}

function ended({ namespace, name, phase }: PodSummary, node: string): WorkloadEvent {
  const found = (how: string) => `Found ${how} daemon pod ${namespace}/${name} on node ${node}, will try to`;
  return phase === "Failed"
    ? warning("FailedDaemonPod", `${found("failed")} kill it`)
    : normal("SucceededDaemonPod", `${found("succeeded")} delete it`);
}

/** Whether a pod is missing, and which are too many. With maxSurge, the old one stays until the new one serves. */
function decide(
  { set, pods, clock }: DaemonSetInput,
  { updated, old }: { updated: PodSummary[]; old: PodSummary[] },
): { missing: boolean; surplus: PodSummary[] } {
  const tooMany = byWorth(updated).slice(0, -1);
  const { type, rollingUpdate } = set.spec.updateStrategy ?? {};
  const surging = type !== "OnDelete" && !isNone(rollingUpdate?.maxSurge);
  if (updated.length === 0) {
    if (old.length === 0)
      return { missing: surging || !pods.some(({ terminating }) => terminating), surplus: [] };
    if (type === "OnDelete") return { missing: false, surplus: byWorth(old).slice(0, -1) };
    return surging ? { missing: true, surplus: [] } : { missing: false, surplus: old };
  }
  const serves = updated.some((pod) => isAvailable(pod, set.spec.minReadySeconds ?? 0, clock));
  return { missing: false, surplus: [...tooMany, ...(surging && !serves ? [] : old)] };
}
