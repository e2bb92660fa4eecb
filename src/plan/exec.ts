import {
  CLONE_NEWCGROUP,
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
} from "../kernel/constants.ts";
import { execOp, type ProcessSecurity } from "./container.ts";
import type { ContainerOp } from "./container-op.ts";
import { BECOME_ROOT, throughHostProc, type UserNamespace } from "./user-namespace.ts";

/** What `exec` repeats of a container, kept when the container is created (`plan.json`). */
export interface ExecTemplate {
  env: [string, string][];
  workingDir: string;
  security: ProcessSecurity;
  oomScore: ContainerOp[];
  /** Of a pod with `hostUsers: false`. */
  userNamespace?: UserNamespace;
}

/** The confinement of the container for another user: whose it is stands in the ops, too. */
export function asUser(security: ProcessSecurity, user: ProcessSecurity["user"]): ProcessSecurity {
  const swap = (op: ContainerOp): ContainerOp => (op.op === "user" ? { ...op, ...user } : op);
  return { ...security, user, early: security.early.map(swap), late: security.late.map(swap) };
}

export interface ExecInput {
  template: ExecTemplate;
  argv: string[];
  tty: { rows: number; columns: number } | undefined;
  /** Standard input is what the caller has opened; without, it is the container's own /dev/null, never the host's. */
  stdinOpen: boolean;
  /** v1 `tasks` descriptors, to write "0" to before the host's cgroup folders are out of sight. */
  tasksFds: number[];
  /** Descriptor of the v2 leaf, or -1. */
  cgroupFd: number;
  /** Descriptor (pidfd) of the container's first process. */
  targetFd: number;
  /** Our end's partner, for the terminal's master. */
  consoleFd: number;
  /** Descriptor of a program that is run in place of a file of the container; -1: `argv[0]` names one of its files. */
  programFd?: number;
}

const ALL_NAMESPACES =
  CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWCGROUP;

/**
 * A command in a running container. Every namespace of the target is joined; the process is born inside its PID
 * namespace by the clone, while the joining process itself stays outside of it, where the container cannot see it
 * (CVE-2016-9962).
 */
export function planExec(input: ExecInput): ContainerOp[] {
  const { template, tty, tasksFds, targetFd, cgroupFd } = input;
  const { user, early, late, rlimits } = template.security;
  const env = new Map(template.env);
  if (tty) env.set("TERM", env.get("TERM") ?? "xterm");
  const mapped = template.userNamespace !== undefined;
  return [
    // What takes rights on the host is done before they are left behind.
    ...(mapped
      ? [...[...template.oomScore, ...early.filter(isProcWrite)].map(throughHostProc), ...rlimits]
      : []),
    {
      op: "setns",
      fd: targetFd,
      flags: ALL_NAMESPACES | (mapped ? CLONE_NEWUSER : 0),
    },
    { op: "clone", flags: 0, cgroupFd, stdio: "inherit" },
    { op: "pdeathsig", signal: 9 },
    ...tasksFds.map((fd): ContainerOp => ({ op: "write-fd", fd, data: "0" })),
    ...(mapped ? [BECOME_ROOT] : []),
    { op: "setsid" },
    // The caller's session keyring would go in with the command, and with it the right to read what is on it.
    { op: "keyring" },
    ...(mapped ? [] : [{ op: "procfs" } satisfies ContainerOp, ...template.oomScore]),
    ...(tty
      ? [
          { op: "console", sockFd: input.consoleFd, bind: false, ...tty } satisfies ContainerOp,
          { op: "chown-stdio", uid: user.uid, gid: user.gid } satisfies ContainerOp,
        ]
      : input.stdinOpen
        ? []
        : [{ op: "stdin-null" } satisfies ContainerOp]),
    { op: "umask", mask: 0o022 },
    ...(mapped ? [] : rlimits),
    { op: "chdir", path: template.workingDir, uid: user.uid, gid: user.gid },
    ...(mapped ? early.filter((op) => !isProcWrite(op)) : early),
    ...late,
    programOp(input, env),
  ];
}

const isProcWrite = ({ op }: ContainerOp) => op === "proc-write";

/** A program of ours is named by its descriptor, through the container's own /proc: execve(2) closes it. */
function programOp({ argv, programFd = -1 }: ExecInput, env: ReadonlyMap<string, string>): ContainerOp {
  const op = execOp(argv, env);
  return programFd === -1 || op.op !== "execve" ? op : { ...op, candidates: [`/proc/self/fd/${programFd}`] };
}
