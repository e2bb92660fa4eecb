import type { ContainerStatus, PodCondition, PodSpec } from "../../manifest/index.ts";
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
}

type Verdict = Pick<PodCondition, "status" | "reason" | "message">;

/** The five conditions of a pod, in the kubelet's order, with its reasons and messages. */
export function podConditions(input: ConditionInput): PodCondition[] {
  const containersReady = containersReadyVerdict(input);
  const initialized = initializedVerdict(input);
  const changed = lastChange(input.app) ?? lastChange(input.init) ?? input.createdAt;
  const initializedAt = initialized.status === "True" ? (lastChange(input.init) ?? input.createdAt) : changed;
  const condition = (type: string, verdict: Verdict, at: string): PodCondition => ({
    type,
    lastTransitionTime: at,
    ...verdict,
  });
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
  const { unknown, lacking } = compare(spec.initContainers ?? [], init);
  if (phase === "Succeeded" && unknown.length === 0) return { status: "True", reason: "PodCompleted" };
  if (app.some(({ started }) => started)) return { status: "True" };
  const messages = [list("unknown", unknown), list("incomplete", lacking)].filter((text) => text !== "");
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotInitialized", message: messages.join(", ") };
}

function containersReadyVerdict({ spec, phase, app }: ConditionInput): Verdict {
  const { unknown, lacking } = compare(spec.containers, app);
  if (phase === "Succeeded" && unknown.length === 0) return { status: "False", reason: "PodCompleted" };
  if (phase === "Failed") return { status: "False", reason: "PodFailed" };
  const messages = [list("unknown", unknown), list("unready", lacking)].filter((text) => text !== "");
  if (messages.length === 0) return { status: "True" };
  return { status: "False", reason: "ContainersNotReady", message: messages.join(", ") };
}

function compare(wanted: readonly { name: string }[], statuses: readonly ContainerStatus[]) {
  const found = wanted.map(({ name }) => ({ name, status: statuses.find((one) => one.name === name) }));
  return {
    unknown: found.filter(({ status }) => status === undefined).map(({ name }) => name),
    lacking: found.filter(({ status }) => status && !status.ready).map(({ name }) => name),
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
