import { TspodError } from "../errors/tspod-error.ts";
import type { Helper, HelperEvent, Kernel, ProcessRef } from "../kernel/kernel.ts";
import type { ContainerFd, HostOp } from "../plan/host-op.ts";
import { containerOpFailed } from "./errors.ts";
import { type Handles, holderOf, type StartedContainer } from "./handles.ts";

/** A helper that says nothing for this long (ms) is stuck, on a dead network file system for example. */
const SILENCE_LIMIT = 60_000;

type Observe = ((who: string, event: HelperEvent) => void) | undefined;

/** Starts the holder (`/pause`) with the pod's namespaces; returns when it is sealed off and sleeps. */
export function startHolder(
  kernel: Kernel,
  op: Extract<HostOp, { op: "holder-start" }>,
  observe: Observe,
): Helper {
  const helper = kernel.startHelper({
    title: "/pause",
    ops: op.ops,
    flags: op.flags,
    cgroup: op.cgroup,
    fds: [],
    trace: observe !== undefined,
  });
  let pid = 0;
  let replaced = false;
  try {
    for (;;) {
      const event = next(kernel, helper, "holder", observe);
      // A program of the pod's own has taken the helper's place: execve(2) has closed the pipe.
      if (event === "end" && replaced) return pid === 0 ? helper : inPlaceOf(kernel, helper, pid);
      if (event === "end")
        throw new TspodError({ code: "TS5004", message: "the holder ended while it was being set up" });
      if (event.kind === "fail") throw containerOpFailed("holder", op.ops, event);
      if (event.kind === "cloned") pid = event.pid;
      if (event.kind === "exec") replaced = true;
      if (event.kind === "paused") return pid === 0 ? helper : inPlaceOf(kernel, helper, pid);
    }
  } catch (error) {
    abandon(kernel, helper);
    throw error;
  }
}

/** With a user namespace the holder is a process that the helper has made before it ended (`clone-mapped`). */
function inPlaceOf(kernel: Kernel, helper: Helper, pid: number): Helper {
  const process = { pid, startTime: kernel.startTime(pid) ?? "" };
  const pidfd = kernel.openProcess(process);
  if (pidfd === undefined) throw new TspodError({ code: "TS5004", message: "the holder ended at once" });
  kernel.ended(helper.pidfd, 5000);
  kernel.close(helper.pidfd);
  return { ...helper, process, pidfd };
}

/** Starts monitor and container; returns when the container waits at its gate (CRI: created). */
export function startContainer(
  kernel: Kernel,
  op: Extract<HostOp, { op: "container-start" }>,
  holder: Helper | undefined,
  observe: Observe,
): StartedContainer {
  const opened: number[] = [];
  let monitor: Helper;
  try {
    const fds = [...op.fds]
      .sort((a, b) => a.fd - b.fd)
      .map((wanted, index) => {
        if (wanted.fd !== index + 6) {
          throw new TspodError({
            code: "TS5005",
            message: `descriptor ${wanted.fd} of the plan is out of order`,
          });
        }
        return open(kernel, wanted, holder, opened);
      });
    monitor = kernel.startHelper({
      title: "tspod-monitor",
      ops: op.ops,
      flags: 0,
      cgroup: op.monitorCgroup,
      fds,
      trace: observe !== undefined,
    });
  } finally {
    for (const fd of opened) kernel.close(fd);
  }
  const who = `container ${op.name}`;
  let pid = 0;
  try {
    for (;;) {
      const event = next(kernel, monitor, who, observe);
      if (event === "end") throw vanished(who);
      if (event.kind === "cloned") pid = event.pid;
      if (event.kind === "fail") throw containerOpFailed(who, op.ops, event);
      if (event.kind === "gate") return { monitor, pid, ops: op.ops };
    }
  } catch (error) {
    abandon(kernel, monitor);
    throw error;
  }
}

/** Opens the gate; returns when execve(2) has succeeded: the event pipe closes itself then. */
export function execContainer(
  kernel: Kernel,
  op: Extract<HostOp, { op: "container-exec" }>,
  handles: Handles,
  observe: Observe,
): void {
  const who = `container ${op.name}`;
  const started = handles.containers.get(op.name);
  if (!started) throw new TspodError({ code: "TS5006", message: `${who} has not been created` });
  kernel.openGate(started.monitor);
  let reached = false;
  for (;;) {
    const event = next(kernel, started.monitor, who, observe);
    if (event === "end") {
      if (!reached) throw vanished(who);
      return;
    }
    if (event.kind === "fail") throw containerOpFailed(who, started.ops, event);
    if (event.kind === "exec") reached = true;
  }
}

function next(kernel: Kernel, helper: Helper, who: string, observe: Observe): HelperEvent | "end" {
  const event = kernel.nextEvent(helper, SILENCE_LIMIT);
  if (event === "timeout") {
    throw new TspodError({
      code: "TS5007",
      message: `${who}: no answer for ${SILENCE_LIMIT / 1000} s while it was being set up`,
      hint: "a mount on a dead network file system is the usual reason",
    });
  }
  if (event !== "end") observe?.(who, event);
  return event;
}

/** Ends a helper whose set-up failed, and waits for it: what is undone next must not be in use. */
function abandon(kernel: Kernel, helper: Helper): void {
  kernel.signal(helper.pidfd, 9);
  kernel.ended(helper.pidfd, 5000);
  kernel.release(helper);
}

function vanished(who: string): TspodError {
  return new TspodError({
    code: "TS5008",
    message: `${who} was killed while it was being set up`,
    hint: "the kernel's OOM killer does this when limits.memory is too small to start the process",
  });
}

function openTarget(kernel: Kernel, process: ProcessRef): number {
  const pidfd = kernel.openProcess(process);
  if (pidfd !== undefined) return pidfd;
  throw new TspodError({
    code: "TS5303",
    message: `process ${process.pid}, whose PID namespace was to be joined, has ended`,
  });
}

function open(kernel: Kernel, wanted: ContainerFd, holder: Helper | undefined, opened: number[]): number {
  if (wanted.kind === "holder") return holderOf({ holder }).pidfd;
  const fd = openOwn(kernel, wanted, holder);
  opened.push(fd);
  return fd;
}

function openOwn(
  kernel: Kernel,
  wanted: Exclude<ContainerFd, { kind: "holder" }>,
  holder: Helper | undefined,
) {
  switch (wanted.kind) {
    case "write":
      return kernel.openWrite(wanted.path);
    case "user-namespace":
      return kernel.openNamespace(holderOf({ holder }).process.pid, "user");
    case "process":
      return openTarget(kernel, wanted.process);
    case "own-mounts":
      return kernel.openNamespace("self", "mnt");
    default:
      return kernel.openDirectory(wanted.path);
  }
}
