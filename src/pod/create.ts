import { readFileSync } from "node:fs";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { holding, type ImageProgress } from "../image/index.ts";
import { planSandboxOf } from "../plan/pod.ts";
import { type Host, timed } from "../runtime/host.ts";
import { networkLock, releaseSandbox, runSandbox, type Sandbox } from "../runtime/sandbox.ts";
import { rlimitOps } from "../security/index.ts";
import type { PodEvent } from "../state/events.ts";
import { writeJson } from "../state/json-file.ts";
import { type Lock, takeLock, withLock } from "../state/lock.ts";
import { releaseName, takeName, uidOfName } from "../state/names.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { EventRecorder } from "./events.ts";
import { isGated, waitAtGates } from "./gates.ts";
import { keepRecord } from "./kept.ts";
import type { Locate } from "./locate.ts";
import { placeError } from "./located.ts";
import { newRecord, type PodRequest } from "./new-record.ts";
import { makePending, tellScheduled } from "./pending.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { catchUp } from "./refresh.ts";
import { discard, removeStopped, tidy } from "./remove.ts";
import { PodSession } from "./session.ts";
import { markReady, PodWorker } from "./supervise/worker.ts";
import { freshSandbox, viewPod } from "./views.ts";

export interface CreateRequest extends PodRequest {
  /** Where the manifest's fields stand, for messages. */
  locate: Locate;
  warn(message: string): void;
  onEvent?: (event: PodEvent) => void;
  onImage?: (progress: ImageProgress) => void;
  /** A stop was asked for while the pod is being made: init containers are not waited for any longer. */
  cancelled?: AbortSignal;
  /**
   * When the pod counts as made: when its containers have been started (the default; one that cannot be started undoes
   * all of it), or as soon as its sandbox is there.
   */
  settle?: "started" | "sandbox";
  /**
   * What cannot be had now, an image, a volume, a port, is waited for as in a cluster: the pod is Pending. Otherwise it is
   * an error of the whole.
   */
  patient?: boolean;
  /**
   * Whether the pod is still to be made: asked under the lock of the stored objects, in which it becomes visible. So who
   * removes an object under that lock knows all pods that were made for it.
   */
  isWanted?: () => boolean;
}

/**
 * A whole pod: checks that change nothing, name, sandbox, then the start of its containers as a worker has it. Whatever
 * fails on the way is undone and thrown; a container that *exits* with an error is no failure of ours: its restart
 * policy decides, and the pod stays, with its logs.
 */
export async function createPod(host: Host, request: CreateRequest): Promise<PodSession> {
  const uid = newUid();
  const record = newRecord(host, uid, request);
  const paths = podPaths(host.paths, record);
  // Before images are pulled and ports looked at: a pod that is run twice would clash with its own ports.
  if (uidOfName(host.paths, record.namespace, record.name) !== undefined) throw nameTaken(record);
  if (isGated(record)) return gatedPod(host, { request, record, paths });
  const images = holding(host.images);
  try {
    const imagesLater = request.patient === true;
    const prepared = await prepare({ ...host, images }, { ...request, record, paths, imagesLater }).catch(
      (error: Error) => {
        if (!request.patient) throw error;
        return error;
      },
    );
    if (prepared instanceof Error)
      return pendingPod(
        host,
        { request, record, paths, lock: claim(host, request, { record, paths }) },
        prepared,
      );
    return await createFrom(host, { request, record, paths, prepared });
  } finally {
    images.release();
  }
}

async function createFrom(
  host: Host,
  {
    request,
    record,
    paths,
    prepared,
  }: { request: CreateRequest; record: PodRecord; paths: PodPaths; prepared: Prepared },
): Promise<PodSession> {
  for (const warning of prepared.warnings) request.warn(warning);
  const lock = claim(host, request, { record, paths });
  const events = new EventRecorder(host, paths, request.onEvent);
  let sandbox: Sandbox | undefined;
  let at = "";
  try {
    tellScheduled(host, record, events);
    for (const note of machineNotes(host)) events.pod("Normal", "LimitClamped", note);
    timed(host, "sandbox", () => startSandbox(host, { paths, prepared, keep: (made) => (sandbox = made) }));
    if (!sandbox) throw removedMeanwhile(record);
    releaseSandbox(host, sandbox);
    if (!record.foreground) keepRecord(paths, record);
    events.pod("Normal", "SandboxCreated", `Created sandbox ${record.uid}`);
    const worker = new PodWorker(host, record, {
      events,
      strict: request.settle !== "sandbox",
      prepared: prepared.container,
      onStart: (name) => {
        at = name;
      },
      warn: request.warn,
    });
    if (request.settle !== "sandbox") await settle(worker, request.cancelled);
    markReady(host, record);
    catchUp(host, record);
    const view = viewPod(host, record.uid);
    if (!view) throw removedMeanwhile(record);
    return new PodSession({ host, record, paths, lock, worker, warn: request.warn }, view);
  } catch (error) {
    placeError(error, { ...request, container: at });
    if (sandbox) releaseSandbox(host, sandbox);
    else if (request.patient && error instanceof Error && readSandbox(paths)?.phase === "creating")
      return pendingPod(host, { request, record, paths, lock }, error);
    for (const failure of removeStopped(host, record, paths)) {
      if (error instanceof TspodError) error.cleanup.push(failure);
    }
    lock.release();
    throw error;
  }
}

/** A pod that cannot be made yet: whoever supervises it tries again. */
function pendingPod(
  host: Host,
  {
    request,
    record,
    paths,
    lock,
  }: { request: CreateRequest; record: PodRecord; paths: PodPaths; lock: Lock },
  error: Error,
): PodSession {
  request.warn(`${error.message}; it waits, and is tried again`);
  const events = new EventRecorder(host, paths, request.onEvent);
  makePending(host, record, paths, { events, error });
  return waitingSession(host, { request, record, paths, lock, events });
}

/** A pod with scheduling gates: named, and not looked at more closely before they are gone. */
function gatedPod(
  host: Host,
  { request, record, paths }: { request: CreateRequest; record: PodRecord; paths: PodPaths },
): PodSession {
  const lock = claim(host, request, { record, paths });
  waitAtGates(host, record, paths);
  const events = new EventRecorder(host, paths, request.onEvent);
  return waitingSession(host, { request, record, paths, lock, events });
}

/** Of a pod that has nothing yet. */
function waitingSession(
  host: Host,
  {
    request: { warn },
    record,
    paths,
    lock,
    events,
  }: { request: CreateRequest; record: PodRecord; paths: PodPaths; lock: Lock; events: EventRecorder },
): PodSession {
  const worker = new PodWorker(host, record, { events, warn });
  const view = viewPod(host, record.uid);
  if (view) return new PodSession({ host, record, paths, lock, worker, warn }, view);
  lock.release();
  throw removedMeanwhile(record);
}

function removedMeanwhile({ name }: PodRecord): TspodError {
  return new TspodError({
    code: "TS5012",
    message: `pod ${name} was stopped or removed while it was being made`,
  });
}

/** Until every container has been started once or waits for its next start, or a stop is asked for. */
async function settle(worker: PodWorker, cancelled: AbortSignal | undefined): Promise<void> {
  const release = () => worker.release();
  if (cancelled?.aborted) return;
  cancelled?.addEventListener("abort", release, { once: true });
  try {
    await worker.work({ untilSettled: true });
  } finally {
    cancelled?.removeEventListener("abort", release);
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
function claim(
  host: Host,
  { isWanted }: CreateRequest,
  { record, paths }: { record: PodRecord; paths: PodPaths },
): Lock {
  const lock = takeLock(paths.lock, { wait: true });
  if (!lock) throw new TspodError({ code: "TS5010", message: "the pod's lock is held by another command" });
  if (takeName(host.paths, record) !== undefined) {
    discard(paths.run);
    lock.release();
    tidy(host);
    throw nameTaken(record);
  }
  const appear = () => {
    writeSandbox(paths, freshSandbox());
    writeJson(paths.record, record);
    return true;
  };
  const made = isWanted ? withLock(networkLock(host), () => isWanted() && appear()) : appear();
  if (made) return lock;
  releaseName(host.paths, record);
  discard(paths.run);
  lock.release();
  tidy(host);
  throw removedMeanwhile(record);
}

function nameTaken({ name }: PodRecord): TspodError {
  return new TspodError({
    code: "TS3105",
    message: `pods ${JSON.stringify(name)} already exists`,
    hint: `\`tspod rm ${name}\` removes it, \`tspod run --replace\` puts this one in its place; or choose another metadata.name`,
    exitCode: ExitCode.conflict,
  });
}

/**
 * Address and shared network objects are chosen and taken under one lock, so that two pods never choose the same. In
 * turn: a removal beside it finds all of it in the journal, or nothing. What was stopped or removed already is not made.
 */
function startSandbox(
  host: Host,
  made: { paths: PodPaths; prepared: Prepared; keep(sandbox: Sandbox): void },
): void {
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
  };
  inTurn(paths, () => {
    if (readSandbox(paths)?.phase === "creating") withLock(networkLock(host), run);
  });
}
