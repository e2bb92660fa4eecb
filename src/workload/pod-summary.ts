import type { Pod } from "../manifest/index.ts";
import { podWithStatus } from "../pod/status.ts";
import type { PodView } from "../pod/view.ts";
import type { Clock } from "./clock.ts";

/** What controllers need to know of a pod. */
export interface PodSummary {
  uid: string;
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
  /** The uid and kind of the object that controls it. */
  owner?: string;
  ownerKind?: string;
  /** Milliseconds of the epoch, as all times here. */
  createdAt: number;
  phase: "Pending" | "Running" | "Succeeded" | "Failed";
  /** It is being stopped or removed. */
  terminating: boolean;
  /** Since when it is ready; absent while it is not. */
  readySince?: number;
  /** When its last container ended; absent while one runs. */
  finishedAt?: number;
  restarts: number;
  /** How its containers ended that have ended, init containers among them. */
  exits: { container: string; code: number }[];
  conditions: { type: string; status: string }[];
  /** It ran when the machine was restarted, which ended it; in a cluster it would go on. */
  lost: boolean;
  /** Its sandbox is still being made: if that is interrupted, it will be as if it had never been. */
  unmade: boolean;
}

export function summarize(view: PodView): PodSummary {
  return { ...summaryOf(podWithStatus(view)), unmade: view.sandbox.phase === "creating" };
}

/** From the pod as the API shows it. */
export function summaryOf({ metadata = {}, status = {} }: Pod): PodSummary {
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  const phase = (status.phase ?? "Pending") as PodSummary["phase"];
  const createdAt = Date.parse(metadata.creationTimestamp ?? "");
  const ends = all.flatMap(({ state }) => state?.terminated ?? []);
  const last = ends
    .map(({ finishedAt }) => Date.parse(finishedAt ?? ""))
    .filter((time) => !Number.isNaN(time));
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  return {
    uid: metadata.uid ?? "",
    name: metadata.name ?? "",
    namespace: metadata.namespace ?? "default",
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
    ...(owner === undefined ? {} : { owner: owner.uid, ownerKind: owner.kind }),
    createdAt,
    phase,
    terminating: metadata.deletionTimestamp !== undefined,
    ...(ready?.status === "True"
      ? { readySince: Date.parse(ready.lastTransitionTime ?? "") || createdAt }
      : {}),
    ...(isOver(phase) ? { finishedAt: Math.max(createdAt, ...last) } : {}),
    restarts: all.reduce((sum, { restartCount }) => sum + restartCount, 0),
    exits: all.flatMap(({ name, state }) =>
      state?.terminated === undefined ? [] : [{ container: name, code: state.terminated.exitCode }],
    ),
    conditions: (status.conditions ?? []).map(({ type, status: value }) => ({ type, status: value })),
    lost: status.reason === "HostRebooted",
    unmade: false,
  };
}

const isOver = (phase: PodSummary["phase"]): boolean => phase === "Succeeded" || phase === "Failed";

export const isFinished = ({ phase }: PodSummary): boolean => isOver(phase);

/** Counted among the replicas: it runs or will, and nobody is taking it away. */
export const isActive = (pod: PodSummary): boolean => !isOver(pod.phase) && !pod.terminating;

export const isReady = (pod: PodSummary): boolean => pod.readySince !== undefined && !isOver(pod.phase);

/** When a ready pod counts as available: at once, or after it has been ready for so long. */
export function availableAt(pod: PodSummary, minReadySeconds: number, clock: Clock): number | undefined {
  if (pod.readySince === undefined || isOver(pod.phase)) return undefined;
  return minReadySeconds === 0 ? pod.readySince : pod.readySince + clock.seconds(minReadySeconds);
}

export function isAvailable(pod: PodSummary, minReadySeconds: number, clock: Clock): boolean {
  const at = availableAt(pod, minReadySeconds, clock);
  return at !== undefined && (minReadySeconds === 0 || at <= clock.now);
}

/** The next moment at which one of the pods becomes available. */
export function nextAvailable(
  pods: readonly PodSummary[],
  minReadySeconds: number,
  clock: Clock,
): number | undefined {
  const later = pods
    .map((pod) => availableAt(pod, minReadySeconds, clock))
    .filter((at) => at !== undefined && at > clock.now) as number[];
  return later.length === 0 ? undefined : Math.min(...later);
}
