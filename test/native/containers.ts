import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import {
  CLONE_NEWNS,
  CLONE_NEWPID,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_BIND,
  MS_PRIVATE,
  MS_REC,
} from "../../src/kernel/constants.ts";
import type { ContainerOp } from "../../src/plan/container-op.ts";

import { busybox, eventsUntil, folder, open, type Running, start, waitEnd } from "./processes.ts";

/** An image in a folder: the distribution's static busybox and its names. */
export function makeRootfs(): string {
  const root = folder();
  chmodSync(root, 0o755);
  for (const name of ["bin", "proc", "sys", "dev", "etc", "tmp", "root"]) mkdirSync(join(root, name));
  cpSync(busybox, join(root, "bin/busybox"));
  for (const name of "sh ls cat id sleep echo true kill stty readlink hostname ps touch dd yes".split(" ")) {
    symlinkSync("busybox", join(root, "bin", name));
  }
  return root;
}

const NO_SUID_DEV_EXEC = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/** /proc, /sys and /dev as the plan makes them. */
export function systemOps(): ContainerOp[] {
  const device = (name: string, minor: number, major = 1): ContainerOp => ({
    op: "dev",
    path: `/dev/${name}`,
    mode: 0o666,
    major,
    minor,
  });
  return [
    { op: "fs", fstype: "proc", target: "/proc", attrs: NO_SUID_DEV_EXEC, options: [] },
    {
      op: "fs",
      fstype: "tmpfs",
      target: "/dev",
      attrs: MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
      options: ["mode=755", "size=65536k"],
    },
    device("null", 3),
    device("zero", 5),
    device("full", 7),
    device("random", 8),
    device("urandom", 9),
    device("tty", 0, 5),
    { op: "symlink", path: "/dev/fd", target: "/proc/self/fd" },
    { op: "symlink", path: "/dev/stdout", target: "/proc/self/fd/1" },
    { op: "symlink", path: "/dev/ptmx", target: "pts/ptmx" },
    {
      op: "fs",
      fstype: "devpts",
      target: "/dev/pts",
      attrs: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
      options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    { op: "fs", fstype: "sysfs", target: "/sys", attrs: NO_SUID_DEV_EXEC | MOUNT_ATTR_RDONLY, options: [] },
  ];
}

export interface ContainerSpec {
  argv: string[];
  root?: string;
  stdio?: "pipes" | "tty" | "inherit";
  /** Ops before the clone, after log and exit record. */
  stage1?: ContainerOp[];
  /** Ops after the system mounts, before pivot. */
  mounts?: ContainerOp[];
  /** Ops between pivot and execve. */
  late?: ContainerOp[];
  gate?: boolean;
  cwd?: string;
  env?: string[];
  oomFile?: string;
  killFile?: string;
  log?: { maxBytes: number; maxFiles: number };
  candidates?: string[];
  system?: ContainerOp[];
  fds?: number[];
  flags?: number;
  cgroupFd?: number;
  trace?: boolean;
  noStdin?: boolean;
  deathSignal?: boolean;
  /** What becomes the root, in place of a bind of the folder to itself. */
  premount?: ContainerOp;
}

export interface Container extends Running {
  root: string;
  logs: string;
  state: string;
}

function stdioOps(spec: ContainerSpec): ContainerOp[] {
  if (spec.stdio === "tty") return [{ op: "console", sockFd: -1, bind: true, rows: 24, columns: 80 }];
  return spec.noStdin ? [] : [{ op: "stdin-null" }];
}

/** A container as the plan would start it: fd 6 logs, fd 7 state, further ones as given. */
export function container(spec: ContainerSpec): Container {
  const root = spec.root ?? makeRootfs();
  const logs = folder();
  const state = folder();
  const stdio = spec.stdio ?? "pipes";
  const ops: ContainerOp[] = [
    { op: "log", dirFd: 6, name: "0.log", ...(spec.log ?? { maxBytes: 0, maxFiles: 1 }) },
    { op: "exit-record", dirFd: 7, name: "exit", oomFile: spec.oomFile ?? "", killFile: spec.killFile ?? "" },
    ...(spec.stage1 ?? []),
    { op: "clone", flags: CLONE_NEWNS | (spec.flags ?? CLONE_NEWPID), cgroupFd: spec.cgroupFd ?? -1, stdio },
    ...(spec.deathSignal === false ? [] : [{ op: "pdeathsig", signal: 9 } satisfies ContainerOp]),
    { op: "setsid" },
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    spec.premount ?? { op: "mount", source: root, target: root, fstype: "", flags: MS_BIND, data: "" },
    { op: "root", path: root },
    ...(spec.system ?? systemOps()),
    ...(spec.mounts ?? []),
    { op: "pivot" },
    ...stdioOps(spec),
    { op: "chdir", path: spec.cwd ?? "/", uid: 0, gid: 0 },
    ...(spec.late ?? []),
    ...(spec.gate ? [{ op: "gate" } satisfies ContainerOp] : []),
    {
      op: "execve",
      candidates: spec.candidates ?? [spec.argv[0] ?? ""],
      argv: spec.argv,
      env: spec.env ?? ["PATH=/bin"],
    },
  ];
  const helper = start({
    ops,
    fds: [open(logs), open(state), ...(spec.fds ?? [])],
    trace: spec.trace ?? false,
  });
  return Object.assign(helper, { root, logs, state });
}

export interface ExitRecord {
  schema: number;
  code: number;
  signal: number;
  oomKills: number;
  finishedAt: string;
}

/** Waits for the monitor's end; the record and the log lines. */
export function finish(one: Container): {
  record: ExitRecord;
  lines: string[];
  monitor: { code: number; signal: number };
} {
  const monitor = waitEnd(one);
  const path = join(one.state, "exit");
  if (!existsSync(path))
    throw new Error(
      `no exit record; monitor ${JSON.stringify(monitor)}, events ${JSON.stringify(eventsUntil(one, "end"), (_, v) => (typeof v === "bigint" ? Number(v) : v))}`,
    );
  return { record: JSON.parse(readFileSync(path, "utf8")) as ExitRecord, lines: logLines(one), monitor };
}

export function logLines(one: Container): string[] {
  const text = readFileSync(join(one.logs, "0.log"), "utf8");
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Runs a shell command in a container of its own and gives what it wrote, without the log's framing. */
export function output(spec: Omit<ContainerSpec, "argv"> & { sh: string }): string {
  const one = container({ ...spec, argv: ["/bin/sh", "-c", spec.sh] });
  return finish(one)
    .lines.map((line) => line.split(" ").slice(3).join(" "))
    .join("\n");
}
