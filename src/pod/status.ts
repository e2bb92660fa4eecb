import { type ContainerStatus, type Pod, type PodStatus, qosClass } from "../manifest/index.ts";
import { podSeconds } from "../runtime/pod-time.ts";
import { manifestGrace } from "./grace.ts";
import { podConditions } from "./status/conditions.ts";
import { containerStatus } from "./status/container.ts";
import { forgottenStatus, lostStatus } from "./status/lost.ts";
import { podPhase } from "./status/phase.ts";
import { apiTime } from "./status/time.ts";
import { initAgainAsked, initOnly } from "./supervise/init-again.ts";
import { nextActions } from "./supervise/next.ts";
import type { PodView } from "./view.ts";

/** The pod's `.status` as the Kubernetes API has it, from what is on disk and in /proc; pure. */
export function podStatus(view: PodView): PodStatus {
  const { record, sandbox } = view;
  const spec = record.pod.spec ?? { containers: [] };
  const terminal = isTerminal(view);
  const { init, app, done } = isUntouched(view) ? { init: [], app: [], done: [] } : statuses(view);
  const ended = sandbox.reason !== undefined;
  const phase = sandbox.finalPhase ?? podPhase({ spec, init: done, app, terminal, ended });
  const createdAt = apiTime(record.createdAt);
  const sandboxReady = view.infraAlive && view.sameBoot;
  const status: PodStatus = {
    phase,
    conditions: podConditions({
      spec,
      phase,
      init: done,
      app,
      sandboxReady,
      createdAt,
      healthChangedAt: healthChangedAt(view),
      gated: sandbox.phase === "gated",
      unschedulable: unschedulable(view),
    }),
    ...(sandbox.reason ? { reason: sandbox.reason } : {}),
    ...(sandbox.message ? { message: sandbox.message } : {}),
    ...(isPlaced(view) ? { startTime: apiTime(sandbox.startedAt ?? record.createdAt) } : {}),
    qosClass: qosClass(spec),
  };
  if (sandbox.hostIP) Object.assign(status, { hostIP: sandbox.hostIP, hostIPs: [{ ip: sandbox.hostIP }] });
  const ip = sandbox.ip || (spec.hostNetwork ? sandbox.hostIP : "");
  if (ip) Object.assign(status, { podIP: ip, podIPs: [{ ip }] });
  if (init.length > 0) status.initContainerStatuses = init;
  if (app.length > 0) status.containerStatuses = app;
  const ephemeral = view.containers.filter(({ kind }) => kind === "ephemeral");
  if (ephemeral.length > 0)
    status.ephemeralContainerStatuses = ephemeral.map((one) => ({
      ...containerStatus(view, one),
      ready: false,
    }));
  return status;
}

/** The pod as `kubectl get pod -o yaml` would show it: the manifest with `uid`, times and `.status`. */
export function podWithStatus(view: PodView): Pod {
  const { record, sandbox } = view;
  const { metadata, spec, ...rest } = record.pod;
  const terminating =
    sandbox.phase === "stopping" || sandbox.phase === "removing" || sandbox.deleting === true;
  return {
    ...rest,
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      ...metadata,
      name: record.name,
      namespace: record.namespace,
      uid: record.uid,
      creationTimestamp: apiTime(record.createdAt),
      ...(terminating ? deletion(view) : {}),
    },
    ...(spec
      ? { spec: { ...(record.nodeName && isPlaced(view) ? { nodeName: record.nodeName } : {}), ...spec } }
      : {}),
    status: podStatus(view),
  };
}

/** As the API server has it: the time is that of the grace period's end. */
function deletion({
  record,
  sandbox,
}: PodView): Pick<NonNullable<Pod["metadata"]>, "deletionTimestamp" | "deletionGracePeriodSeconds"> {
  const graceSeconds = sandbox.graceSeconds ?? manifestGrace(record);
  const asked = Date.parse(sandbox.stoppedAt ?? record.createdAt);
  return {
    deletionTimestamp: apiTime(new Date(asked + graceSeconds * 1000).toISOString()),
    deletionGracePeriodSeconds: graceSeconds,
  };
}

/** As long as no kubelet has begun with a pod, the API knows of no containers: `Pending`. */
function isUntouched(view: PodView): boolean {
  const { sandbox, containers } = view;
  const none = containers.every(({ attempts }) => attempts.length === 0);
  const early =
    sandbox.phase === "creating" || sandbox.phase === "gated" || unschedulable(view) !== undefined;
  return early && sandbox.infra === undefined && none;
}

/** Why there is no place for it on this machine, as long as it waits for one. */
function unschedulable({ sandbox }: PodView): string | undefined {
  return sandbox.phase === "recreating" ? sandbox.unschedulable : undefined;
}

/** This machine is its node: nothing keeps it from that. */
const isPlaced = (view: PodView): boolean =>
  view.sandbox.phase !== "gated" && unschedulable(view) === undefined;

/** Nothing of the pod will run again: it was stopped, or the machine has been restarted since. */
function isTerminal({ sandbox, sameBoot }: PodView): boolean {
  return sandbox.phase === "stopped" || !sameBoot;
}

/**
 * Containers of a pod that is over do not wait for ever. `done`: the init containers as they count for the pod, which
 * those that are run once more are done for.
 */
function statuses(view: PodView): Record<"init" | "app" | "done", ContainerStatus[]> {
  const { sandbox, containers } = view;
  const backOffs = backOffsOf(view);
  const forgotten = sandbox.reason === "HostRebooted" || sandbox.finalPhase !== undefined;
  const of = (kind: "init" | "app") =>
    containers
      .filter((container) => container.kind === kind)
      .map((one) => {
        const status = containerStatus(view, one, backOffs.get(one.name));
        return forgotten && one.attempts.length === 0 ? forgottenStatus(kind, status, sandbox) : status;
      });
  const init = of("init");
  const names = initAgainAsked(sandbox) ? initOnly(view.record.pod.spec).map(({ name }) => name) : [];
  const done = init.map((status) => (names.includes(status.name) ? succeededBefore(status) : status));
  const initialized = done.every(({ state }) => state?.terminated?.exitCode === 0);
  const app = of("app").map((status) =>
    isTerminal(view) && initialized && status.state?.waiting ? lostStatus(status, sandbox) : status,
  );
  return { init, app, done };
}

function succeededBefore({ state, lastState, ...status }: ContainerStatus): ContainerStatus {
  const end = state?.terminated ?? lastState?.terminated;
  return { ...status, ready: true, state: { terminated: { ...end, exitCode: 0 } } };
}

/** Seconds that containers in CrashLoopBackOff wait, by name. */
function backOffsOf(view: PodView): Map<string, number> {
  if (isTerminal(view) || view.sandbox.phase !== "ready") return new Map();
  const next = nextActions({ view, now: Date.now(), seconds: podSeconds });
  return new Map(next.kind === "go" ? next.waiting.map(({ name, delay }) => [name, delay]) : []);
}

/** RFC 3339, whole seconds. */
function healthChangedAt({ containers }: PodView): string | undefined {
  const times = containers.flatMap(({ attempts }) => attempts.at(-1)?.health?.since ?? []);
  const last = times.sort().at(-1);
  return last === undefined ? undefined : apiTime(last);
}
