import type { Container, ContainerStatus, PodCondition, PodSpec } from "../../manifest/index.ts";
import { isSidecar } from "../supervise/restart-policy.ts";
import type { Phase } from "./phase.ts";

export interface ConditionInput {
  spec: PodSpec;
  phase: Phase;
  init: readonly ContainerStatus[];
  app: readonly ContainerStatus[];
  /** The holder lives and the pod's network is there. */
  sandboxReady: boolean;
  /** RFC 3339, whole seconds. */
  createdAt: string;
  /** It waits at its scheduling gates. */
  gated?: boolean;
  /** Why there is no place for it, in the scheduler's words. */
  unschedulable?: string | undefined;
  /** When a readiness probe last changed its mind. */
  healthChangedAt?: string | undefined;
}

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

/** The five conditions of a pod, in the kubelet's order, with its reasons and messages. */
export function podConditions(input: ConditionInput): PodCondition[] {
  const containersReady = containersReadyVerdict(input);
  const initialized = initializedVerdict(input);
  const changes = [lastChange(input.app), input.healthChangedAt].filter((time) => time !== undefined).sort();
  const changed = changes.at(-1) ?? lastChange(input.init) ?? input.createdAt;
  const initializedAt = initialized.status === "True" ? (lastChange(input.init) ?? input.createdAt) : changed;
  const condition = (type: string, verdict: Verdict, at: string): PodCondition => ({
    type,
    lastTransitionTime: at,
    ...verdict,
  });
  if (input.gated) {
    const message = "Scheduling is blocked due to non-empty scheduling gates";
    return [
      condition("PodScheduled", { status: "False", reason: "SchedulingGated", message }, input.createdAt),
    ];
  }
  if (input.unschedulable !== undefined) {
    const verdict = { status: "False", reason: "Unschedulable", message: input.unschedulable };
    return [condition("PodScheduled", verdict, input.createdAt)];
  }
  return [
    condition(
      "PodReadyToStartContainers",
      { status: input.sandboxReady ? "True" : "False" },
      input.createdAt,
    ),
    condition("Initialized", initialized, initializedAt),
    condition("Ready", containersReady, changed),
    condition("ContainersReady", containersReady, changed),
    condition("PodScheduled", { status: "True" }, input.createdAt),
  ];
}

function initializedVerdict({ spec, phase, init, app }: ConditionInput): Verdict {
  const done = (container: Container, status: ContainerStatus) =>
    isSidecar(container, "init") ? (status.started ?? false) : status.ready;
  const { unknown, lacking } = compare(spec.initContainers ?? [], init, done);
  if (phase === "Succeeded" && unknown.length === 0) return { status: "True", reason: "PodCompleted" };
  if (app.some(({ started }) => started)) return { status: "True" };
  const messages = [list("unknown", unknown), list("incomplete", lacking)].filter((text) => text !== "");
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotInitialized", message: messages.join(", ") };
}

function containersReadyVerdict({ spec, phase, init, app }: ConditionInput): Verdict {
  const sidecars = (spec.initContainers ?? []).filter((one) => isSidecar(one, "init"));
  const ready = (_: Container, status: ContainerStatus) => status.ready;
  const { unknown, lacking } = compare([...sidecars, ...spec.containers], [...init, ...app], ready);
  if (phase === "Succeeded" && unknown.length === 0) return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const messages = [list("unknown", unknown), list("unready", lacking)].filter((text) => text !== "");
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: messages.join(", ") };
}

function compare(
  wanted: readonly Container[],
  statuses: readonly ContainerStatus[],
  isDone: (container: Container, status: ContainerStatus) => boolean,
) {
  const found = wanted.map((container) => ({
    container,
    status: statuses.find(({ name }) => name === container.name),
  }));
  const names = (list: typeof found) => list.map(({ container }) => container.name);
  return {
    unknown: names(found.filter(({ status }) => status === undefined)),
    lacking: names(found.filter(({ container, status }) => status && !isDone(container, status))),
  };
}

function list(kind: string, names: readonly string[]): string {
  return names.length === 0 ? "" : `containers with ${kind} status: [${names.join(" ")}]`;
}

/** When the last of the containers started or ended. */
function lastChange(statuses: readonly ContainerStatus[]): string | undefined {
  return statuses
    .flatMap(({ state }) => [
      state?.running?.startedAt,
      state?.terminated?.finishedAt ?? state?.terminated?.startedAt,
    ])
    .filter((time) => time !== undefined)
    .sort()
    .at(-1);
}
