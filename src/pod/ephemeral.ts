import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { holding } from "../image/index.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import type { Container, EphemeralContainer } from "../manifest/index.ts";
import type { Host } from "../runtime/host.ts";
import { openSandbox, releaseSandbox } from "../runtime/sandbox.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { inTurn } from "../state/turn.ts";
import { updatePod } from "../state/update-pod.ts";
import { EventRecorder } from "./events.ts";
import { lastAttempt } from "./last-attempt.ts";
import { removedMeanwhile } from "./metadata.ts";
import { podPlanInput } from "./plan-input.ts";
import { type PreparedContainer, prepareContainer } from "./prepare-container.ts";
import { startAttempt } from "./supervise/attempt.ts";
import type { PodView } from "./view.ts";
import { viewPod } from "./views.ts";

/**
 * Adds a container to a pod that runs, as the API's ephemeralcontainers subresource does, and starts it: beside the
 * others, in the pod's namespaces and cgroup, once. It stays listed as long as the pod. What fails leaves the pod as it was.
 * @throws TspodError TS3455 for what the API refuses, TS5301 when the pod or the target does not run
 */
export async function addEphemeral(
  host: Host,
  view: PodView,
  container: EphemeralContainer,
): Promise<PodView> {
  const { record } = view;
  refuseInvalid(record, container);
  const images = holding(host.images);
  try {
    const prepared = await prepareContainer({ ...host, images }, record, container as Container);
    return addPrepared(host, view, container, prepared);
  } finally {
    images.release();
  }
}

function addPrepared(
  host: Host,
  { record }: PodView,
  container: EphemeralContainer,
  prepared: PreparedContainer,
): PodView {
  const paths = podPaths(host.paths, record);
  const added = updatePod(paths, (now) => {
    // Another command may have added one meanwhile.
    refuseInvalid(now, container);
    return withEphemeral(now, (list) => [...list, container]);
  });
  if (!added) throw removedMeanwhile(record.name);
  try {
    const started = inTurn(paths, () => start(host, paths, record.uid, { container, prepared }));
    const after = viewPod(host, record.uid);
    if (!started || !after) throw removedMeanwhile(record.name);
    return after;
  } catch (error) {
    updatePod(paths, (now) =>
      withEphemeral(now, (list) => list.filter(({ name }) => name !== container.name)),
    );
    throw error;
  }
}

function start(
  host: Host,
  paths: PodPaths,
  uid: string,
  { container, prepared }: { container: EphemeralContainer; prepared: PreparedContainer },
): boolean {
  const view = viewPod(host, uid);
  if (!view) return false;
  const target = container.targetContainerName && processOf(view, container.targetContainerName);
  const sandbox = openSandbox(host, paths, view.sandbox);
  if (!sandbox || view.sandbox.phase !== "ready") throw notRunning(view);
  try {
    const { input } = podPlanInput(host, { record: view.record, paths }, () => view.sandbox.ip);
    const { name } = container;
    const wanted = {
      start: { name, kind: "ephemeral" as const, backoff: 0 },
      container: container as Container,
      prepared,
      input,
      sandbox,
      round: view.sandbox.round ?? 0,
      events: new EventRecorder(host, paths),
      ...(target ? { target } : {}),
    };
    startAttempt(host, paths, wanted, { record: false });
    return true;
  } finally {
    releaseSandbox(host, sandbox);
  }
}

function withEphemeral(
  record: PodRecord,
  change: (list: EphemeralContainer[]) => EphemeralContainer[],
): PodRecord {
  const { spec } = record.pod;
  if (!spec) return record;
  const { ephemeralContainers = [], ...rest } = spec;
  const after = change(ephemeralContainers);
  const changed = { ...rest, ...(after.length > 0 ? { ephemeralContainers: after } : {}) };
  return { ...record, pod: { ...record.pod, spec: changed } };
}

function refuseInvalid({ name: pod, pod: { spec } }: PodRecord, container: EphemeralContainer): void {
  const others = [
    ...(spec?.initContainers ?? []),
    ...(spec?.containers ?? []),
    ...(spec?.ephemeralContainers ?? []),
  ].map(({ name }) => name);
  const at = `spec.ephemeralContainers[${spec?.ephemeralContainers?.length ?? 0}]`;
  const refuse = (message: string) => {
    throw new TspodError({
      code: "TS3455",
      message: `The Pod ${JSON.stringify(pod)} is invalid: ${at}.${message}`,
      hint: `its containers are: ${others.join(", ")}`,
      exitCode: ExitCode.invalid,
    });
  };
  if (others.includes(container.name)) refuse(`name: Duplicate value: ${JSON.stringify(container.name)}`);
  const target = container.targetContainerName;
  if (target && !others.includes(target)) refuse(`targetContainerName: Not found: ${JSON.stringify(target)}`);
}

function processOf(view: PodView, name: string): ProcessRef {
  const last = lastAttempt(view, name);
  if (last?.alive && last.record.process) return last.record.process;
  throw new TspodError({
    code: "TS5301",
    message: `container ${JSON.stringify(name)} of pod ${view.record.name} is not running`,
    hint: "leave --target away, or name one that runs",
  });
}

function notRunning({ record, sandbox }: PodView): TspodError {
  return new TspodError({
    code: "TS5301",
    message: `pod ${record.name} is not running (${sandbox.phase}): nothing can be added to it`,
    hint: `\`tspod describe ${record.name}\` says why`,
  });
}
