import type {
  Container,
  ContainerState,
  ContainerStateTerminated,
  ContainerStatus,
} from "../../manifest/index.ts";
import { containerSpec } from "../container-spec.ts";
import { isGoing } from "../supervise/going.ts";
import { isReady, isStarted } from "../supervise/readiness.ts";
import { isSidecar, neverBegan } from "../supervise/restart-policy.ts";
import type { AttemptView, ContainerView, PodView } from "../view.ts";
import { shareOf } from "./termination-message.ts";
import { apiTime, goDuration } from "./time.ts";

/** Kubernetes' exit code for a container that ended without anybody seeing how. */
const UNKNOWN_EXIT = 137;

/**
 * The status of one container as the Kubernetes API words it (`v1.ContainerStatus`). `backOff`: seconds that it waits
 * for its next start, if it does.
 */
export function containerStatus(view: PodView, container: ContainerView, backOff?: number): ContainerStatus {
  const last = container.attempts.at(-1);
  const { state, before } = stateOf(view, container, backOff);
  const spec = containerSpec(view.record, container);
  const running = state.running !== undefined;
  const lasting = container.kind === "app" || isSidecar(spec, "init");
  const status: ContainerStatus = {
    name: container.name,
    state,
    lastState: before ? { terminated: endOf(view, before) } : {},
    ready: lasting
      ? running && last !== undefined && spec !== undefined && isReady(spec, last)
      : state.terminated?.exitCode === 0,
    restartCount: last?.record.attempt ?? 0,
    image: last?.record.image ?? spec?.image ?? "",
    imageID: last?.record.imageId ?? "",
    started: lasting && running && last !== undefined && spec !== undefined && isStarted(spec, last),
  };
  if (last) status.containerID = containerId(view, last);
  return running ? { ...status, ...resourcesInForce(spec) } : status;
}

/** Those of the manifest: a resize changes both the cgroup and the record of what is wanted, or neither (KEP-1287). */
function resourcesInForce(
  spec: Container | undefined,
): Pick<ContainerStatus, "allocatedResources" | "resources"> {
  const { requests, limits } = spec?.resources ?? {};
  if (!requests && !limits) return {};
  return {
    ...(requests ? { allocatedResources: requests } : {}),
    resources: { ...(limits ? { limits } : {}), ...(requests ? { requests } : {}) },
  };
}

/** What the container is now, and the attempt whose end it shows as its last state. */
function stateOf(
  view: PodView,
  container: ContainerView,
  backOff: number | undefined,
): { state: ContainerState; before: AttemptView | undefined } {
  const last = container.attempts.at(-1);
  if (container.waiting && backOff === undefined && !last?.alive) {
    const { reason, message } = container.waiting;
    return { state: { waiting: { reason, message } }, before: last };
  }
  if (!last) return { state: { waiting: { reason: defaultReason(view) } }, before: undefined };
  if (backOff === undefined) return { state: attemptState(view, last), before: container.attempts.at(-2) };
  const { name, namespace, uid } = view.record;
  const pod = `${name}_${namespace}(${uid})`;
  const message = `back-off ${goDuration(backOff)} restarting failed container=${container.name} pod=${pod}`;
  return { state: { waiting: { reason: "CrashLoopBackOff", message } }, before: last };
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
  // Whoever was starting it has been killed: it is begun again, and has not failed.
  if (neverBegan(attempt) && isGoing(view.sandbox.phase) && view.sameBoot) {
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
      ...messageOf(view, attempt),
      finishedAt: apiTime(exit.finishedAt),
    };
  }
  if (record.error) {
    const { reason, message, exitCode } = record.error;
    return { ...common, exitCode, reason, message, finishedAt: apiTime(record.error.at ?? record.createdAt) };
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

/** What the container said at its end; else what is known of it that its code does not tell. */
function messageOf(view: PodView, { message, record, exit }: AttemptView): { message?: string } {
  if (message) return { message: shareOf(message, view.containers.length) };
  const { lostInfra, round = 0 } = view.sandbox;
  const shared = view.record.pod.spec?.shareProcessNamespace ?? false;
  if (!shared || !lostInfra || exit?.signal !== 9 || (record.round ?? 0) !== round) return {};
  return {
    message: `its PID namespace's init (pid ${lostInfra.pid}) ended, and the kernel killed what was in it`,
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
