import { readFileSync } from "node:fs";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ImageProgress } from "../image/index.ts";
import type { Container } from "../manifest/index.ts";
import { type PodPlanInput, planContainerOf, planSandboxOf } from "../plan/pod.ts";
import { createContainer, startContainer } from "../runtime/container.ts";
import { type Host, timed } from "../runtime/host.ts";
import { networkLock, releaseSandbox, runSandbox, type Sandbox } from "../runtime/sandbox.ts";
import { rlimitOps } from "../security/index.ts";
import type { PodEvent } from "../state/events.ts";
import { writeJson } from "../state/json-file.ts";
import { type Lock, takeLock, withLock } from "../state/lock.ts";
import { takeName, uidOfName } from "../state/names.ts";
import { attemptPaths, type PodPaths, podPaths } from "../state/paths.ts";
import type { ContainerKind, PodRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { waitForContainer } from "./await.ts";
import { EventRecorder } from "./events.ts";
import type { Locate } from "./locate.ts";
import { placeError } from "./located.ts";
import { newRecord, type PodRequest } from "./new-record.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { catchUp } from "./refresh.ts";
import { discard, removeStopped, tidy } from "./remove.ts";
import { PodSession } from "./session.ts";
import { finishPod } from "./stop.ts";
import { freshSandbox, viewPod } from "./views.ts";

export interface CreateRequest extends PodRequest {
  /** Where the manifest's fields stand, for messages. */
  locate: Locate;
  warn(message: string): void;
  onEvent?: (event: PodEvent) => void;
  onImage?: (progress: ImageProgress) => void;
  /** A stop was asked for while the pod is being made: init containers are not waited for any longer. */
  cancelled?: AbortSignal;
}

/**
 * A whole pod: checks that change nothing, name, sandbox, init containers one after the other, containers. Whatever
 * fails on the way is undone and thrown; an init container that *exits* with an error is no failure of ours: the pod
 * stays, Failed, with its logs.
 */
export async function createPod(host: Host, request: CreateRequest): Promise<PodSession> {
  const uid = newUid();
  const record = newRecord(host, uid, request);
  const paths = podPaths(host.paths, record);
  // Before images are pulled and ports looked at: a pod that is run twice would clash with its own ports.
  if (uidOfName(host.paths, record.namespace, record.name) !== undefined) throw nameTaken(record);
  const prepared = await prepare(host, { ...request, record, paths });
  for (const warning of prepared.warnings) request.warn(warning);
  const lock = claim(host, record, paths);
  const events = new EventRecorder(host, paths, request.onEvent);
  let sandbox: Sandbox | undefined;
  let context: StartContext | undefined;
  try {
    events.pod(
      "Normal",
      "Scheduled",
      `Successfully assigned ${record.namespace}/${record.name} to ${host.facts().nodeName}`,
    );
    for (const note of machineNotes(host)) events.pod("Normal", "LimitClamped", note);
    const input = timed(host, "sandbox", () =>
      startSandbox(host, { paths, prepared, keep: (made) => (sandbox = made) }),
    );
    if (!sandbox) throw new TspodError({ code: "TS5009", message: "the sandbox was not made" });
    events.pod("Normal", "SandboxCreated", `Created sandbox ${record.uid}`);
    const making: StartContext = { host, sandbox, input, prepared, paths, events, at: "" };
    context = making;
    const failed = await runInitContainers(making, request.cancelled);
    if (!failed && !request.cancelled?.aborted) {
      for (const container of record.pod.spec?.containers ?? []) {
        timed(host, "container", () => start(making, container, "app"));
      }
    }
    if (failed) finishPod(host, paths, { reason: "", message: "" });
    else writeSandbox(paths, { ...current(paths), phase: "ready" });
    releaseSandbox(host, sandbox);
    catchUp(host, record);
    const view = viewPod(host, uid);
    if (!view)
      throw new TspodError({
        code: "TS5012",
        message: `pod ${record.name} was removed while it was being made`,
      });
    return new PodSession({ host, record, paths, lock, events, warn: request.warn }, view);
  } catch (error) {
    if (context) placeError(error, { ...request, container: context.at });
    if (sandbox) releaseSandbox(host, sandbox);
    for (const failure of removeStopped(host, record, paths)) {
      if (error instanceof TspodError) error.cleanup.push(failure);
    }
    lock.release();
    throw error;
  }
}

/** What this machine keeps from every pod alike: told where pods are looked at, not at each start. */
function machineNotes(host: Host): string[] {
  const { rlimits, cgroupHost } = host.facts();
  return rlimitOps(rlimits, cgroupHost.sysResource).notes;
}

/** A random UUID from the kernel (random(4)): loading node:crypto for one would take 4 ms of every start. */
function newUid(): string {
  return readFileSync("/proc/sys/kernel/random/uuid", "latin1").trim();
}

/**
 * Takes the pod's folder and lock, then its name; from here on other commands see the pod, and can clean up after us.
 * In this order a name without a folder is always left over from a killed command.
 */
function claim(host: Host, record: PodRecord, paths: PodPaths): Lock {
  const lock = takeLock(paths.lock, { wait: true });
  if (!lock) throw new TspodError({ code: "TS5010", message: "the pod's lock is held by another command" });
  if (takeName(host.paths, record) !== undefined) {
    discard(paths.run);
    lock.release();
    tidy(host);
    throw nameTaken(record);
  }
  writeSandbox(paths, freshSandbox());
  writeJson(paths.record, record);
  return lock;
}

function nameTaken({ name }: PodRecord): TspodError {
  return new TspodError({
    code: "TS3105",
    message: `pods ${JSON.stringify(name)} already exists`,
    hint: `\`tspod rm ${name}\` removes it, \`tspod run --replace\` puts this one in its place; or choose another metadata.name`,
    exitCode: ExitCode.conflict,
  });
}

/** Address and shared network objects are chosen and taken under one lock, so that two pods never choose the same. */
function startSandbox(
  host: Host,
  made: { paths: PodPaths; prepared: Prepared; keep(sandbox: Sandbox): void },
): PodPlanInput {
  const { paths, prepared } = made;
  const run = () => {
    const input = prepared.plan();
    const plan = planSandboxOf(input);
    const sandboxRecord = {
      ...freshSandbox(),
      ip: input.network ? input.podIP : "",
      hostIP: input.hostIP,
      ports: input.ports,
      cgroup: plan.cgroup,
    };
    // Known before the first op, so that whoever cleans up after a crash knows which cgroup to kill.
    writeSandbox(paths, sandboxRecord);
    made.keep(runSandbox(host, paths, { ops: plan.ops, record: sandboxRecord, address: sandboxRecord.ip }));
    return input;
  };
  return withLock(networkLock(host), run);
}

interface StartContext {
  host: Host;
  sandbox: Sandbox;
  input: PodPlanInput;
  prepared: Prepared;
  paths: PodPaths;
  events: EventRecorder;
  /** The container that is being started, for messages. */
  at: string;
}

/** Runs each to its end before the next begins; true when one failed. */
async function runInitContainers(
  context: StartContext,
  cancelled: AbortSignal | undefined,
): Promise<boolean> {
  for (const container of context.input.spec.initContainers ?? []) {
    start(context, container, "init");
    const exit = await waitForContainer(context.host, context.paths, container.name, cancelled);
    if (cancelled?.aborted) return false;
    if (exit?.code !== 0 || exit.signal !== 0) return true;
  }
  return false;
}

function start(context: StartContext, container: Container, kind: ContainerKind): void {
  const { host, sandbox, input, prepared, paths, events } = context;
  context.at = container.name;
  const { image, seccomp, stopSignal, imageEvent } = prepared.container(container.name);
  events.container(kind, container.name, "Normal", "Pulled", imageEvent);
  const attempt = 0;
  const plan = planContainerOf(input, { container, kind, attempt, image, seccomp });
  const folders = attemptPaths(paths, container.name, attempt);
  const created = createContainer(host, sandbox, {
    name: container.name,
    kind,
    attempt,
    plan,
    paths: folders,
    image,
    stopSignal,
    tty: container.tty ?? false,
  });
  events.container(kind, container.name, "Normal", "Created", `Created container: ${container.name}`);
  startContainer(host, sandbox, folders, created);
  events.container(kind, container.name, "Normal", "Started", `Started container ${container.name}`);
}

function current(paths: PodPaths) {
  return readSandbox(paths) ?? freshSandbox();
}
