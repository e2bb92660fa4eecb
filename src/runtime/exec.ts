import { readFileSync } from "node:fs";
import { containerOpFailed } from "../engine/errors.ts";
import { TspodError } from "../errors/tspod-error.ts";
import type { Helper } from "../kernel/kernel.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import { asUser, type ExecTemplate, planExec } from "../plan/exec.ts";
import { parseOps } from "../plan/op-json.ts";
import type { AttemptPaths } from "../state/paths.ts";
import type { ContainerRecord } from "../state/record.ts";
import type { Host } from "./host.ts";

export interface ExecRequest {
  container: ContainerRecord;
  paths: AttemptPaths;
  argv: string[];
  /** A terminal of this size, from the container's own devpts. */
  tty?: { rows: number; columns: number };
  /** Standard input is wanted; without, it is empty. */
  stdin: boolean;
  env?: readonly (readonly [name: string, value: string])[];
  workingDir?: string;
  user?: { uid: number; gid: number; groups: number[] };
}

export interface ExecProcess {
  helper: Helper;
  /** Master of the terminal; or our ends of the pipes. Descriptors the caller closes. */
  io: { console: number } | { stdin: number; stdout: number; stderr: number };
  /** Resolves with the command's end: its exit code, and the signal that ended it, if one did. */
  exited: Promise<{ code: number; signal: number }>;
}

/** CRI Exec: a command in a running container's namespaces, cgroups and confinement. Returns when execve has succeeded. */
export function startExec(host: Host, request: ExecRequest): ExecProcess {
  const { kernel } = host;
  const addon = loadAddon();
  const target = request.container.process && kernel.openProcess(request.container.process);
  if (target === undefined) throw notRunning(request.container.name);
  const opened: number[] = [target];
  const ours: number[] = [];
  const theirs = (pair: [number, number], mine: 0 | 1) => {
    ours.push(pair[mine]);
    opened.push(pair[1 - mine] as number);
    return { ours: pair[mine], theirs: pair[1 - mine] as number };
  };
  try {
    const tasks = v1Tasks(request.container).map((path) => kernel.openWrite(path));
    opened.push(...tasks);
    const leaf = v2Leaf(request.container);
    const cgroup = leaf === undefined ? -1 : kernel.openDirectory(leaf);
    if (cgroup !== -1) opened.push(cgroup);
    const console = request.tty ? theirs(addon.socketpair(), 0) : undefined;
    const pipes = request.tty
      ? undefined
      : {
          stdin: request.stdin ? theirs(addon.pipe(), 1) : undefined,
          stdout: theirs(addon.pipe(), 0),
          stderr: theirs(addon.pipe(), 0),
        };
    const fds = [target, ...(cgroup === -1 ? [] : [cgroup]), ...tasks, ...(console ? [console.theirs] : [])];
    const at = (fd: number) => 6 + fds.indexOf(fd);
    const ops = planExec({
      template: templateFor(request),
      argv: request.argv,
      tty: request.tty,
      stdinOpen: pipes?.stdin !== undefined,
      tasksFds: tasks.map(at),
      cgroupFd: cgroup === -1 ? -1 : at(cgroup),
      targetFd: at(target),
      consoleFd: console ? at(console.theirs) : -1,
    });
    const helper = kernel.startHelper({
      title: "tspod-exec",
      ops,
      flags: 0,
      cgroup: "",
      fds,
      stdio: pipes ? [pipes.stdin?.theirs ?? -1, pipes.stdout.theirs, pipes.stderr.theirs] : [-1, -1, -1],
    });
    for (const fd of opened.splice(0)) kernel.close(fd);
    awaitExec(host, helper, request.container.name, ops);
    const exited = exitOf(host, helper);
    if (!pipes) {
      const [master] = addon.recvFds(console?.ours ?? -1, 5000);
      kernel.close(console?.ours ?? -1);
      ours.length = 0;
      return { helper, io: { console: master ?? -1 }, exited };
    }
    ours.length = 0;
    return {
      helper,
      io: { stdin: pipes.stdin?.ours ?? -1, stdout: pipes.stdout.ours, stderr: pipes.stderr.ours },
      exited,
    };
  } finally {
    for (const fd of [...opened, ...ours]) kernel.close(fd);
  }
}

/** Reads events until the command has replaced the helper's child. */
function awaitExec(host: Host, helper: Helper, name: string, ops: readonly ContainerOp[]): void {
  const who = `container ${name}`;
  for (;;) {
    const event = host.kernel.nextEvent(helper, 60_000);
    if (event === "end" || event === "timeout") {
      throw new TspodError({ code: "TS5008", message: `${who}: exec ended before the command was started` });
    }
    if (event.kind === "fail") {
      host.kernel.release(helper);
      throw containerOpFailed(who, ops, event);
    }
    if (event.kind === "started") return;
  }
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
