import type { ContainerState, ContainerStateTerminated, ContainerStatus } from "../../manifest/index.ts";
import type { AttemptView, ContainerView, PodView } from "../view.ts";
import { apiTime } from "./time.ts";

/** Kubernetes' exit code for a container that ended without anybody seeing how. */
const UNKNOWN_EXIT = 137;

/** The status of one container as the Kubernetes API words it (`v1.ContainerStatus`). */
export function containerStatus(view: PodView, container: ContainerView): ContainerStatus {
  const last = container.attempts.at(-1);
  const before = container.attempts.at(-2);
  const state = last ? attemptState(view, last) : { waiting: { reason: defaultReason(view) } };
  const running = state.running !== undefined;
  const status: ContainerStatus = {
    name: container.name,
    state,
    lastState: before ? { terminated: endOf(view, before) } : {},
    ready: container.kind === "init" ? state.terminated?.exitCode === 0 : running,
    restartCount: last?.record.attempt ?? 0,
    image: last?.record.image ?? imageOf(view, container),
    imageID: last?.record.imageId ?? "",
    started: container.kind === "app" && running,
  };
  if (last) status.containerID = containerId(view, last);
  return status;
}

/** Before anything is known of a container, the kubelet says which of the two it waits for. */
function defaultReason(view: PodView): string {
  return view.containers.some(({ kind }) => kind === "init") ? "PodInitializing" : "ContainerCreating";
}

function attemptState(view: PodView, attempt: AttemptView): ContainerState {
  const { record, exit } = attempt;
  if (exit) return { terminated: endOf(view, attempt) };
  if (record.error) {
    const { reason, message } = record.error;
    return isWaiting(reason) ? { waiting: { reason, message } } : { terminated: endOf(view, attempt) };
  }
  if (attempt.alive && view.sameBoot) {
    return record.startedAt === undefined
      ? { waiting: { reason: defaultReason(view) } }
      : { running: { startedAt: apiTime(record.startedAt) } };
  }
  if (record.process === undefined && view.sandbox.phase === "creating" && view.sameBoot) {
    return { waiting: { reason: defaultReason(view) } };
  }
  return { terminated: endOf(view, attempt) };
}

/** Errors before there is a process leave the container waiting: the kubelet would try again. */
function isWaiting(reason: string): boolean {
  return /^(Create|Err|Image|InvalidImage|PreCreate)/.test(reason);
}

function endOf(view: PodView, attempt: AttemptView): ContainerStateTerminated {
  const { record, exit } = attempt;
  const startedAt = record.startedAt === undefined ? undefined : apiTime(record.startedAt);
  const common = { containerID: containerId(view, attempt), ...(startedAt ? { startedAt } : {}) };
  if (exit) {
    const exitCode = exit.signal > 0 ? 128 + exit.signal : exit.code;
    return {
      ...common,
      exitCode,
      ...(exit.signal > 0 ? { signal: exit.signal } : {}),
      reason: exitReason(exitCode, exit.oomKills),
      finishedAt: apiTime(exit.finishedAt),
    };
  }
  if (record.error) {
    const { reason, message, exitCode } = record.error;
    return { ...common, exitCode, reason, message, finishedAt: apiTime(record.createdAt) };
  }
  if (view.sandbox.phase === "removing") {
    return {
      ...common,
      exitCode: UNKNOWN_EXIT,
      reason: "Error",
      message: "Killed: the pod is being removed",
    };
  }
  return {
    ...common,
    exitCode: UNKNOWN_EXIT,
    reason: "ContainerStatusUnknown",
    message: unknownMessage(view, attempt),
  };
}

/** A process that ended well is Completed, even if the OOM killer took one of its children before. */
function exitReason(exitCode: number, oomKills: number): string {
  if (exitCode === 0) return "Completed";
  return oomKills > 0 ? "OOMKilled" : "Error";
}

function unknownMessage(view: PodView, { record }: AttemptView): string {
  if (!view.sameBoot)
    return "The machine was restarted while the container was running; its exit code is lost";
  const monitor = record.monitor ? ` (pid ${record.monitor.pid})` : "";
  return `The container's monitor${monitor} was killed, and the container with it; the exit code is not known`;
}

/** `tspod://<pod uid>/<container>/<attempt>`: unique, and enough to find the files. */
function containerId(view: PodView, { record }: AttemptView): string {
  return `tspod://${view.record.uid}/${record.name}/${record.attempt}`;
}

function imageOf(view: PodView, { name }: ContainerView): string {
  const spec = view.record.pod.spec;
  const all = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  return all.find((container) => container.name === name)?.image ?? "";
}
