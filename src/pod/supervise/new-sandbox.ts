import { planSandboxOf } from "../../plan/pod.ts";
import type { Host } from "../../runtime/host.ts";
import { networkLock, releaseSandbox, runSandbox, undoForNewSandbox } from "../../runtime/sandbox.ts";
import { withLock } from "../../state/lock.ts";
import { type PodPaths, podPaths } from "../../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../../state/record.ts";
import { readSandbox, writeSandbox } from "../../state/records.ts";
import { inTurn } from "../../state/turn.ts";
import { endContainers, runningIn } from "../end-containers.ts";
import type { EventRecorder } from "../events.ts";
import { podPlanInput } from "../plan-input.ts";
import type { PodView } from "../view.ts";
import type { Wake } from "./wake.ts";

/** Seconds until a sandbox that could not be made is tried again. */
const RETRY = 10;

/**
 * The holder is gone, and with it what the containers shared: they are ended, and the pod gets a new sandbox with a new
 * address. Its uid, volumes, logs and the history of its containers stay.
 */
export async function newSandbox(
  host: Host,
  view: PodView,
  events: EventRecorder,
  wake: Pick<Wake, "sleep">,
): Promise<void> {
  const { record } = view;
  const paths = podPaths(host.paths, record);
  if (view.sandbox.phase !== "recreating")
    events.pod("Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.");
  await endContainers(host, view, runningIn(view), {
    graceSeconds: record.pod.spec?.terminationGracePeriodSeconds ?? 30,
    events,
  });
  const failure = inTurn(paths, () => {
    const now = readSandbox(paths);
    if (now?.phase !== "ready" && now?.phase !== "recreating") return undefined;
    try {
      replace(host, paths, record, now);
    } catch (error) {
      undoForNewSandbox(host, paths);
      return error as Error;
    }
    return undefined;
  });
  if (!failure) return;
  events.pod("Warning", "FailedCreatePodSandBox", `Failed to create pod sandbox: ${failure.message}`);
  await wake.sleep(host.seconds(RETRY));
}

function replace(host: Host, paths: PodPaths, record: PodRecord, old: SandboxRecord): void {
  const { infra: _, ...rest } = old;
  const making: SandboxRecord = { ...rest, phase: "recreating", namespaces: {}, ip: "" };
  writeSandbox(paths, making);
  const failures = undoForNewSandbox(host, paths);
  if (failures[0]) throw failures[0];
  withLock(networkLock(host), () => {
    const { input } = podPlanInput(host, { record, paths });
    const plan = planSandboxOf(input, { again: true });
    const address = input.network ? input.podIP : "";
    const next = { ...making, ip: address, hostIP: input.hostIP, ports: input.ports, cgroup: plan.cgroup };
    writeSandbox(paths, next);
    const sandbox = runSandbox(host, paths, { ops: plan.ops, record: next, address });
    releaseSandbox(host, sandbox);
  });
  const made = readSandbox(paths) ?? making;
  writeSandbox(paths, { ...made, phase: "ready", round: (old.round ?? 0) + 1 });
}
