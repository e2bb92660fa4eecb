import { join } from "node:path";
import { unwind } from "../../engine/execute.ts";
import { newHandles } from "../../engine/handles.ts";
import { TspodError } from "../../errors/tspod-error.ts";
import type { ProcessRef } from "../../kernel/kernel.ts";
import { namesIn } from "../../kernel/names-in.ts";
import type { Container } from "../../manifest/index.ts";
import type { HostOp } from "../../plan/host-op.ts";
import { type ContainerPlan, type PodPlanInput, planContainerOf } from "../../plan/pod.ts";
import { undoAll } from "../../plan/undo.ts";
import { createContainer, startContainer } from "../../runtime/container.ts";
import type { Host } from "../../runtime/host.ts";
import type { Sandbox } from "../../runtime/sandbox.ts";
import { type AttemptPaths, attemptPaths, type PodPaths } from "../../state/paths.ts";
import { type ContainerKind, type ContainerRecord, SCHEMA } from "../../state/record.ts";
import { attemptNumbers, readContainer, writeContainer } from "../../state/records.ts";
import type { EventRecorder } from "../events.ts";
import type { PreparedContainer } from "../prepare-container.ts";
import type { Start } from "./next.ts";

export interface StartAttempt {
  start: Omit<Start, "kind"> & { kind: ContainerKind };
  /** A process whose PID namespace it joins. */
  target?: ProcessRef;
  container: Container;
  prepared: PreparedContainer;
  input: PodPlanInput;
  sandbox: Sandbox;
  round: number;
  events: EventRecorder;
}

/**
 * Creates and starts the next attempt of a container. The caller has the pod's turn. What fails leaves no process and
 * no cgroup; with `record` it leaves a record that says so, as a kubelet's status does.
 */
export function startAttempt(
  host: Host,
  paths: PodPaths,
  wanted: StartAttempt,
  { record: keepRecord }: { record: boolean },
): ContainerRecord {
  const { start, container, prepared, input, sandbox, events } = wanted;
  const { name, kind } = start;
  const attempt = nextAttempt(paths, name);
  const folders = attemptPaths(paths, name, attempt);
  const plan = planContainerOf(input, {
    container,
    kind,
    attempt,
    image: prepared.image,
    seccomp: prepared.seccomp,
    ...(wanted.target ? { target: wanted.target } : {}),
  });
  events.container(kind, name, "Normal", "Pulled", prepared.imageEvent);
  try {
    clear(host, folders, plan);
    const made = createContainer(host, sandbox, {
      name,
      kind,
      attempt,
      plan,
      paths: folders,
      image: prepared.image,
      stopSignal: prepared.stopSignal,
      tty: container.tty ?? false,
      round: wanted.round,
      backoff: start.backoff,
    });
    events.container(kind, name, "Normal", "Created", `Created container: ${name}`);
    const started = startContainer(host, sandbox, folders, made);
    events.container(kind, name, "Normal", "Started", `Started container ${name}`);
    return started;
  } catch (error) {
    if (!keepRecord) throw error;
    return failed(host, wanted, { error, attempt, folders, plan });
  }
}

/**
 * The number after the last attempt that was recorded: a crash before that leaves a folder that counts for nothing. The
 * machine's restart takes the records; then the logs tell, as a kubelet has it.
 */
function nextAttempt(paths: PodPaths, name: string): number {
  const recorded = attemptNumbers(paths, name).filter((n) => readContainer(attemptPaths(paths, name, n)));
  return Math.max(-1, ...recorded, ...(recorded.length === 0 ? loggedAttempts(paths, name) : [])) + 1;
}

function loggedAttempts(paths: PodPaths, name: string): number[] {
  return namesIn(join(paths.logs, name)).map((file) => Number.parseInt(file, 10) || 0);
}

/** Takes away what a crash left of an attempt of this number that never ran. */
function clear(host: Host, folders: AttemptPaths, plan: ContainerPlan): void {
  const own = new Set<string>([folders.run, folders.rootfs, folders.layer, ...plan.cgroups]);
  const isOwn = (op: HostOp) =>
    op.op === "kill-all" || ("path" in op && [...own].some((path) => op.path.startsWith(path)));
  unwind(undoAll(plan.ops).filter(isOwn), { kernel: host.kernel, handles: newHandles("", "") });
}

function failed(
  host: Host,
  { start, prepared, round, events }: StartAttempt,
  at: { error: unknown; attempt: number; folders: AttemptPaths; plan: ContainerPlan },
): ContainerRecord {
  const { name, kind } = start;
  const message = at.error instanceof Error ? at.error.message : String(at.error);
  const created = readContainer(at.folders);
  const own = at.error instanceof TspodError ? at.error.exitCode : 0;
  const record: ContainerRecord = {
    schema: SCHEMA,
    name,
    kind,
    attempt: at.attempt,
    image: prepared.image.ref,
    imageId: prepared.image.id,
    cgroup: at.plan.cgroup,
    cgroups: at.plan.cgroups,
    stopSignal: prepared.stopSignal,
    tty: false,
    round,
    backoff: start.backoff,
    createdAt: host.now().toISOString(),
    ...created,
    error: {
      reason: created ? "StartError" : "CreateContainerError",
      message,
      exitCode: own === 126 || own === 127 ? own : 128,
      at: host.now().toISOString(),
    },
  };
  host.kernel.ensureDirectory(at.folders.run, 0o700);
  writeContainer(at.folders, record);
  events.container(kind, name, "Warning", "Failed", `Error: ${message}`);
  return record;
}

/** How many ended attempts keep their records and logs; their writable layers go with the next but one start. */
const KEPT_RECORDS = 5;

/** Lets go of attempts that have been followed by others; the last two are left as they are. */
export function retireAttempts(host: Host, paths: PodPaths, sandbox: Sandbox, name: string): void {
  const numbers = attemptNumbers(paths, name);
  for (const attempt of numbers.slice(0, -2)) {
    const folders = attemptPaths(paths, name, attempt);
    const record = readContainer(folders);
    const gone: HostOp[] = [
      ...(record?.cgroups ?? []).map((path): HostOp => ({ op: "cgroup-remove", path })),
      { op: "remove-tree", path: folders.layer },
    ];
    if (numbers.length - numbers.indexOf(attempt) > KEPT_RECORDS) {
      gone.push(
        { op: "remove-tree", path: folders.run },
        ...host.kernel
          .listDirectory(folders.logDirectory)
          .filter((file) => file.startsWith(`${attempt}.log`))
          .map((file): HostOp => ({ op: "unlink", path: `${folders.logDirectory}/${file}` })),
      );
    }
    if (unwind(gone, { kernel: host.kernel, handles: newHandles("", "") }).length > 0) continue;
    const lost = gone.flatMap((op) => ("path" in op ? [op.path] : []));
    sandbox.journal.forget((op) => {
      const at = "path" in op ? op.path : op.op === "kill-all" ? op.cgroup : undefined;
      return at !== undefined && lost.some((path) => at === path || at.startsWith(`${path}/`));
    });
  }
}
