import type { ContainerStatus, PodSpec } from "../../manifest/index.ts";
import { afterExit, isSidecar } from "../supervise/restart-policy.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PhaseInput {
  spec: PodSpec;
  init: readonly ContainerStatus[];
  app: readonly ContainerStatus[];
  /** The pod was stopped: nothing of it will be started again, whatever its restart policy says. */
  terminal: boolean;
  /** It was ended as a whole: a deadline, an eviction. */
  ended?: boolean;
}

/** The kubelet's `getPhase`. */
export function podPhase({ spec, init, app, terminal, ended = false }: PhaseInput): Phase {
  if (ended) return "Failed";
  const initialization = countInit(spec, init);
  const sidecars = countSidecars(spec, init);
  const apps = countApp(spec, app);
  const count = {
    ...apps,
    running: apps.running + sidecars.running,
    waiting: apps.waiting + sidecars.waiting,
    unknown: apps.unknown + sidecars.unknown,
  };
  const policy = spec.restartPolicy ?? "Always";
  // A sidecar that is started anew does not take a pod back to Pending whose containers have run.
  const initialized = app.some(({ state, lastState }) => !state?.waiting || lastState?.terminated);

  if (initialization.failed > 0 && policy === "Never") return "Failed";
  if (terminal && initialization.failed + initialization.pending > 0) return "Failed";
  if (initialization.pending + sidecars.pending > 0 && !initialized) return "Pending";
  if (count.waiting > 0) return terminal ? "Failed" : "Pending";
  if (count.running > 0 && count.unknown === 0) return "Running";
  if (count.running === 0 && count.stopped > 0 && count.unknown === 0) {
    if (terminal) return count.stopped === count.succeeded ? "Succeeded" : "Failed";
    if (policy === "Always" || willGoOn(spec, app)) return "Running";
    if (count.stopped === count.succeeded) return "Succeeded";
    return policy === "Never" ? "Failed" : "Running";
  }
  return "Pending";
}

function countInit(spec: PodSpec, statuses: readonly ContainerStatus[]) {
  const count = { pending: 0, failed: 0 };
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container, "init")) continue;
    const { name } = container;
    const status = statuses.find((candidate) => candidate.name === name);
    const state = status?.state;
    const end = state?.terminated ?? (state?.waiting ? status?.lastState?.terminated : undefined);
    if (!end) count.pending++;
    else if (end.exitCode !== 0) {
      // Its own policy or rules may have it tried again where the pod's would not.
      if (afterExit(spec, container, "init", end.exitCode) === "stay") count.failed++;
      else count.pending++;
    }
  }
  return count;
}

/** Of the containers that have ended, one has a policy or a rule of its own by which it, or all, start again. */
function willGoOn(spec: PodSpec, statuses: readonly ContainerStatus[]): boolean {
  return spec.containers.some((container) => {
    const status = statuses.find(({ name }) => name === container.name);
    const end = status?.state?.terminated ?? status?.lastState?.terminated;
    return end !== undefined && afterExit(spec, container, "app", end.exitCode) !== "stay";
  });
}

/** One that has ended does not count: it is about to be started again, or the pod is over. */
function countSidecars(spec: PodSpec, statuses: readonly ContainerStatus[]) {
  const count = { pending: 0, running: 0, waiting: 0, unknown: 0 };
  for (const container of spec.initContainers ?? []) {
    if (!isSidecar(container, "init")) continue;
    const status = statuses.find((candidate) => candidate.name === container.name);
    const state = status?.state;
    if (state?.running) {
      count.running++;
      if (!status?.started) count.pending++;
    } else if (state?.waiting) {
      if (status?.lastState?.terminated) continue;
      count.pending++;
      count.waiting++;
    } else if (!state?.terminated) {
      count.pending++;
      count.unknown++;
    }
  }
  return count;
}

function countApp(spec: PodSpec, statuses: readonly ContainerStatus[]) {
  const count = { unknown: 0, running: 0, waiting: 0, stopped: 0, succeeded: 0 };
  for (const { name } of spec.containers) {
    const status = statuses.find((candidate) => candidate.name === name);
    const state = status?.state;
    if (state?.running) count.running++;
    else if (state?.terminated) {
      count.stopped++;
      if (state.terminated.exitCode === 0) count.succeeded++;
    } else if (state?.waiting) {
      if (status?.lastState?.terminated) count.stopped++;
      else count.waiting++;
    } else {
      count.unknown++;
    }
  }
  return count;
}
