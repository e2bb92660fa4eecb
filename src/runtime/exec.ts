import { readFileSync } from "node:fs";
import { containerOpFailed } from "../engine/errors.ts";
import { hasCode } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";
import type { Helper, HelperEvent } from "../kernel/kernel.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import { asUser, type ExecTemplate, planExec } from "../plan/exec.ts";
import { parseOps } from "../plan/op-json.ts";
import type { AttemptPaths } from "../state/paths.ts";
import type { ContainerRecord } from "../state/record.ts";
import { ExecIo, type ExecStreams } from "./exec-io.ts";
import type { Host } from "./host.ts";
import { openNull } from "./null-device.ts";

export interface ExecRequest {
  container: ContainerRecord;
  paths: AttemptPaths;
  argv: string[];
  /** A terminal of this size, from the container's own devpts. */
  tty?: { rows: number; columns: number };
  /** Standard input is wanted; without, it is empty. */
  stdin: boolean;
  /** Nobody waits for it: its input is empty, its output goes to the container's /dev/null. */
  detached?: boolean;
  env?: readonly (readonly [name: string, value: string])[];
  workingDir?: string;
  user?: { uid: number; gid: number; groups: number[] };
  /** A program in a sealed memfd to run as `argv`, in a container that need not have one; stays the caller's. */
  program?: number;
}

export interface ExecProcess {
  helper: Helper;
  io: ExecStreams;
  /** Resolves with the command's end: its exit code, and the signal that ended it, if one did. */
  exited: Promise<{ code: number; signal: number }>;
}

/**
 * CRI Exec: a command in a running container's namespaces, cgroups and confinement. Returns when execve has
 * succeeded.
 */
export function startExec(host: Host, request: ExecRequest): ExecProcess {
  const begun = beginExec(host, request);
  const { helper, io } = begun;
  try {
    while (!hasStarted(begun, host.kernel.nextEvent(helper, START_PATIENCE_MS)));
    return { helper, io: io.take(), exited: exitOf(host, helper) };
  } catch (error) {
    void gone(host, helper);
    throw error;
  } finally {
    io.close();
  }
}

/**
 * As startExec, for whoever has other things to do meanwhile: a container short of memory or time holds up only its own
 * command. `signal` ends the wait, and the command with it.
 */
export async function startExecAside(
  host: Host,
  request: ExecRequest,
  signal: AbortSignal,
): Promise<ExecProcess> {
  const begun = beginExec(host, request);
  const { helper, io } = begun;
  const kill = () => host.kernel.signal(helper.pidfd, 9);
  signal.addEventListener("abort", kill, { once: true });
  if (signal.aborted) kill();
  try {
    for (;;) {
      const event = host.kernel.nextEvent(helper, 0);
      if (event !== "timeout") {
        if (hasStarted(begun, event)) break;
        continue;
      }
      // The pipe is watched as a process's end is: until it can be read.
      await new Promise<void>((resolve) => host.kernel.onEnd(helper.events, resolve));
    }
    return { helper, io: io.take(), exited: exitOf(host, helper) };
  } catch (error) {
    await gone(host, helper);
    throw error;
  } finally {
    signal.removeEventListener("abort", kill);
    io.close();
  }
}

/** How long a command may take until it is executed, ms. */
const START_PATIENCE_MS = 60_000;

/** A command on its way to its execve. */
interface Begun {
  name: string;
  helper: Helper;
  io: ExecIo;
  ops: readonly ContainerOp[];
}

function beginExec(host: Host, request: ExecRequest): Begun {
  const { kernel } = host;
  const { container } = request;
  const template = ifThere(container, () => templateFor(request));
  const first = container.process;
  const target = first && kernel.openProcess(first);
  if (!first || target === undefined) throw notRunning(container.name);
  const opened = [target];
  let io: ExecIo | undefined;
  try {
    const open = (act: () => number) => keep(opened, ifThere(container, act));
    const tasks = v1Tasks(container).map((path) => open(() => kernel.openWrite(path)));
    const leaf = v2Leaf(container);
    const cgroup = leaf === undefined ? -1 : open(() => kernel.openDirectory(leaf));
    io = new ExecIo(kernel, {
      tty: request.tty !== undefined,
      stdin: request.stdin,
      user: asHostSees(template),
      ...(request.detached ? { sink: ifThere(container, () => openNull(container.name, first)) } : {}),
    });
    const { program = -1 } = request;
    const fds = [...opened, ...[io.consoleSocket, program].filter((fd) => fd !== -1)];
    const at = (fd: number) => (fd === -1 ? -1 : FIRST_FD + fds.indexOf(fd));
    const ops = planExec({
      template,
      argv: request.argv,
      tty: request.tty,
      stdinOpen: request.stdin || request.detached === true,
      tasksFds: tasks.map(at),
      cgroupFd: at(cgroup),
      targetFd: at(target),
      consoleFd: at(io.consoleSocket),
      programFd: at(program),
    });
    const spec = { title: "tspod-exec", ops, flags: 0, cgroup: "", fds, stdio: io.stdio };
    const helper = kernel.startHelper(spec);
    io.closeTheirs();
    const begun = { name: container.name, helper, io, ops };
    io = undefined;
    return begun;
  } finally {
    for (const fd of opened) kernel.close(fd);
    io?.close();
  }
}

/** The first descriptor a plan may name (docs/protocol.md). */
const FIRST_FD = 6;

/** What a container's files and cgroups are opened for may meet the end of it, or the removal of its pod. */
function ifThere<T>({ name }: ContainerRecord, act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (hasCode(error, "ENOENT")) throw notRunning(name);
    throw error;
  }
}

function keep(opened: number[], fd: number): number {
  opened.push(fd);
  return fd;
}

/** The user's ids outside of the pod's user namespace. */
function asHostSees({ security, userNamespace }: ExecTemplate): { uid: number; gid: number } {
  const { first } = userNamespace ?? { first: 0 };
  return { uid: first + security.user.uid, gid: first + security.user.gid };
}

/** Kills a helper that has not come to its end, and waits for it: it would stay a zombie in a process that lives for long. */
async function gone(host: Host, helper: Helper): Promise<void> {
  host.kernel.signal(helper.pidfd, 9);
  await exitOf(host, helper);
}

/** Whether the event says that the command has replaced the helper's child. Throws when that will not be. */
function hasStarted({ name, ops }: Begun, event: HelperEvent | "end" | "timeout"): boolean {
  const who = `container ${name}`;
  if (event === "end" || event === "timeout") {
    throw new TspodError({ code: "TS5008", message: `${who}: exec ended before the command was started` });
  }
  if (event.kind === "fail") {
    // It has ended since it was looked for.
    if (ops[event.step]?.op === "setns" && event.errno === "ESRCH") throw notRunning(name);
    throw containerOpFailed(who, ops, event);
  }
  return event.kind === "started";
}

/** The helper's EXITED event, once its process has ended. A FAIL here is an execve that did not work. */
async function exitOf(host: Host, helper: Helper): Promise<{ code: number; signal: number }> {
  await new Promise<void>((resolve) => host.kernel.onEnd(helper.pidfd, resolve));
  try {
    for (;;) {
      const event = host.kernel.nextEvent(helper, 0);
      if (event === "end" || event === "timeout") return { code: 137, signal: 9 };
      if (event.kind === "exited") return { code: event.code, signal: event.signal };
    }
  } finally {
    host.kernel.ended(helper.pidfd, 0);
    host.kernel.release(helper);
  }
}

function templateFor(request: ExecRequest): ExecTemplate {
  const template = parseOps<ExecTemplate>(readFileSync(request.paths.plan, "utf8"));
  const env = new Map([...template.env, ...(request.env ?? [])]);
  return {
    ...template,
    env: [...env],
    workingDir: request.workingDir ?? template.workingDir,
    security: request.user ? asUser(template.security, request.user) : template.security,
  };
}

/** Cgroup folders of the container by their hierarchy's version. */
function v1Tasks({ cgroups, cgroup }: ContainerRecord): string[] {
  return cgroups.filter((path) => path !== cgroup || isV1(path)).map((path) => `${path}/tasks`);
}

function v2Leaf({ cgroup }: ContainerRecord): string | undefined {
  return isV1(cgroup) ? undefined : cgroup;
}

/** Only v1 folders have a `tasks` file. */
function isV1(path: string): boolean {
  try {
    readFileSync(`${path}/tasks`);
    return true;
  } catch {
    return false;
  }
}

function notRunning(name: string): TspodError {
  return new TspodError({
    code: "TS5301",
    message: `container ${name} is not running`,
    hint: "`tspod ps -a` shows what is",
  });
}
