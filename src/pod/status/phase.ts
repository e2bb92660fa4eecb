import type { ContainerStatus, PodSpec } from "../../manifest/index.ts";

export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

export interface PhaseInput {
  spec: PodSpec;
  init: readonly ContainerStatus[];
  app: readonly ContainerStatus[];
  /** The pod was stopped: nothing of it will be started again, whatever its restart policy says. */
  terminal: boolean;
}

/** The kubelet's `getPhase`, for pods whose init containers all run to their end. */
export function podPhase({ spec, init, app, terminal }: PhaseInput): Phase {
  const initialization = countInit(spec, init);
  const count = countApp(spec, app);
  const policy = spec.restartPolicy ?? "Always";

  if (initialization.failed > 0 && policy === "Never") return "Failed";
  if (terminal && initialization.failed + initialization.pending > 0) return "Failed";
  if (initialization.pending > 0) return "Pending";
  if (count.waiting > 0) return terminal ? "Failed" : "Pending";
  if (count.running > 0 && count.unknown === 0) return "Running";
  if (count.running === 0 && count.stopped > 0 && count.unknown === 0) {
    if (terminal) return count.stopped === count.succeeded ? "Succeeded" : "Failed";
    if (policy === "Always") return "Running";
    if (count.stopped === count.succeeded) return "Succeeded";
    return policy === "Never" ? "Failed" : "Running";
  }
  return "Pending";
}

function countInit(spec: PodSpec, statuses: readonly ContainerStatus[]) {
  const count = { pending: 0, failed: 0 };
  for (const { name } of spec.initContainers ?? []) {
    const status = statuses.find((candidate) => candidate.name === name);
    const state = status?.state;
    if (state?.terminated) {
      if (state.terminated.exitCode !== 0) count.failed++;
    } else if (state?.waiting && status?.lastState?.terminated) {
      if (status.lastState.terminated.exitCode !== 0) count.failed++;
    } else {
      count.pending++;
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
