import type { Container, ContainerStatus, Pod } from "../../manifest/index.ts";
import { age } from "./age.ts";

/** The cells of one line of `ps`, as kubectl prints a pod. */
export interface PodRow {
  namespace: string;
  name: string;
  /** `1/2`: ready containers of all. */
  ready: string;
  status: string;
  /** `3 (5m ago)` */
  restarts: string;
  age: string;
  ip: string;
  node: string;
  /** Nobody nominates here: there is one node. */
  nominatedNode: string;
  /** `1/2`: conditions of spec.readinessGates that are met, of all. */
  gates: string;
  uid: string;
}

/** kubectl's rules for what a pod's columns say. */
export function podRow(pod: Pod, now: Date): PodRow {
  const init = initialization(pod);
  const appsCount = init.reason === undefined || isInitialized(pod);
  const apps = appsCount ? runningPart(pod, init.reason ?? phaseOf(pod)) : undefined;
  const sidecars = (pod.spec?.initContainers ?? []).filter(isSidecar).length;
  const restarts = apps ? apps.restarts + init.sidecarRestarts : init.restarts;
  const lastRestart = apps ? latest([apps.lastRestart, init.sidecarLastRestart]) : init.lastRestart;
  return {
    namespace: pod.metadata?.namespace ?? "default",
    name: pod.metadata?.name ?? "",
    ready: `${init.ready + (apps?.ready ?? 0)}/${(pod.spec?.containers.length ?? 0) + sidecars}`,
    status: deletion(pod) ?? apps?.reason ?? init.reason ?? phaseOf(pod),
    restarts: restarts > 0 && lastRestart ? `${restarts} (${age(lastRestart, now)} ago)` : String(restarts),
    age: age(pod.metadata?.creationTimestamp, now),
    ip: pod.status?.podIPs?.[0]?.ip ?? pod.status?.podIP ?? "<none>",
    node: pod.spec?.nodeName ?? "<none>",
    nominatedNode: pod.status?.nominatedNodeName || "<none>",
    gates: readinessGates(pod),
    uid: pod.metadata?.uid ?? "<none>",
  };
}

function readinessGates(pod: Pod): string {
  const gates = pod.spec?.readinessGates ?? [];
  const met = gates.filter(({ conditionType }) => isTrue(pod, conditionType));
  return gates.length === 0 ? "<none>" : `${met.length}/${gates.length}`;
}

function phaseOf(pod: Pod): string {
  const scheduled = (pod.status?.conditions ?? []).find(({ type }) => type === "PodScheduled");
  if (scheduled?.reason === "SchedulingGated") return scheduled.reason;
  return pod.status?.reason || pod.status?.phase || "Unknown";
}

function deletion(pod: Pod): string | undefined {
  if (pod.metadata?.deletionTimestamp === undefined) return undefined;
  if (pod.status?.reason === "NodeLost") return "Unknown";
  const over = pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed";
  return over ? undefined : "Terminating";
}

function isSidecar({ restartPolicy }: Container): boolean {
  return restartPolicy === "Always";
}

/** How far the init containers are; `reason` is undefined when they are all done. */
function initialization(pod: Pod) {
  const specs = pod.spec?.initContainers ?? [];
  const statuses = pod.status?.initContainerStatuses ?? [];
  const result = {
    reason: undefined as string | undefined,
    ready: 0,
    restarts: 0,
    lastRestart: undefined as string | undefined,
    sidecarRestarts: 0,
    sidecarLastRestart: undefined as string | undefined,
  };
  for (const [index, status] of statuses.entries()) {
    const sidecar = specs.some((spec) => spec.name === status.name && isSidecar(spec));
    result.restarts += status.restartCount;
    result.lastRestart = latest([result.lastRestart, restartedAt(status)]);
    if (sidecar) {
      result.sidecarRestarts += status.restartCount;
      result.sidecarLastRestart = latest([result.sidecarLastRestart, restartedAt(status)]);
    }
    if (status.state?.terminated?.exitCode === 0) continue;
    if (sidecar && status.started) {
      if (status.ready) result.ready++;
      continue;
    }
    result.reason = initReason(status, index, specs.length);
    break;
  }
  return result;
}

function initReason({ state }: ContainerStatus, index: number, count: number): string {
  if (state?.terminated) return `Init:${endReason(state.terminated)}`;
  const waiting = state?.waiting?.reason;
  if (waiting && waiting !== "PodInitializing") return `Init:${waiting}`;
  return `Init:${index}/${count}`;
}

function endReason({
  reason,
  signal,
  exitCode,
}: {
  reason?: string;
  signal?: number;
  exitCode: number;
}): string {
  if (reason) return reason;
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

/** The first container that does not run gives the reason; a completed one beside running ones does not end the pod. */
function runningPart(pod: Pod, phase: string) {
  let reason = phase;
  let ready = 0;
  let restarts = 0;
  let lastRestart: string | undefined;
  for (const status of [...(pod.status?.containerStatuses ?? [])].reverse()) {
    restarts += status.restartCount;
    lastRestart = latest([lastRestart, restartedAt(status)]);
    if (status.state?.waiting?.reason) reason = status.state.waiting.reason;
    else if (status.state?.terminated) reason = endReason(status.state.terminated);
    else if (status.ready && status.state?.running) ready++;
  }
  if (reason === "Completed" && ready > 0) reason = isTrue(pod, "Ready") ? "Running" : "NotReady";
  return { reason, ready, restarts, lastRestart };
}

function isInitialized(pod: Pod): boolean {
  return isTrue(pod, "Initialized");
}

function isTrue(pod: Pod, type: string): boolean {
  return (pod.status?.conditions ?? []).some((one) => one.type === type && one.status === "True");
}

function restartedAt(status: ContainerStatus): string | undefined {
  return status.lastState?.terminated?.finishedAt;
}

function latest(times: (string | undefined)[]): string | undefined {
  return times
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}
