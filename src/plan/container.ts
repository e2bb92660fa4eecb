import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUTS,
  MOUNT_ATTR_RDONLY,
} from "../kernel/constants.ts";
import type { Container, PodSpec } from "../manifest/index.ts";
import { execCandidates } from "./command.ts";
import type { ContainerOp } from "./container-op.ts";
import type { AttemptFolders } from "./folders.ts";
import type { ContainerFd, HostOp } from "./host-op.ts";
import { type CgroupMounts, type Device, overlayOps, systemMountOps } from "./root-mounts.ts";
import { mappedContainer, type UserNamespace } from "./user-namespace.ts";
import type { MountFacts, PlannedVolume } from "./volume/planned.ts";
import { normalise, volumeMounts, wantsPropagation } from "./volume-mounts.ts";

/** Who the process is and what it may do; from security/. */
export interface ProcessSecurity {
  user: { uid: number; gid: number; groups: number[] };
  /** Ops that give up privileges, in order; `late` ones stand behind the gate, right before execve. */
  early: ContainerOp[];
  late: ContainerOp[];
  rlimits: ContainerOp[];
  maskedPaths: string[];
  readonlyPaths: string[];
}

export interface ContainerInput {
  spec: PodSpec;
  container: Container;
  layers: readonly string[];
  argv: string[];
  /** Final environment, the image's included. */
  env: ReadonlyMap<string, string>;
  /** For `subPathExpr`: the manifest's variables only. */
  manifestEnv: ReadonlyMap<string, string>;
  workingDir: string;
  security: ProcessSecurity;
  hostSecurity: readonly HostOp[];
  oomScore: readonly ContainerOp[];
  volumes: ReadonlyMap<string, PlannedVolume>;
  mounts: MountFacts;
  /** Container path → host path of generated files (/etc/hosts …). */
  generated: ReadonlyMap<string, string>;
  /** "" with hostIPC. */
  shm: string;
  cgroup: {
    hostOps: readonly HostOp[];
    enter: { directory: string; tasks: readonly string[] };
    kill: string;
    oomFile: string;
  };
  cgroupMounts: CgroupMounts;
  /** The host's devices, if the container is privileged. */
  devices: readonly Device[];
  monitor: { directory: string; tasks: readonly string[] };
  /** The attempt's folders (state/paths.ts attemptPaths). */
  folders: AttemptFolders;
  /** A process whose PID namespace the container joins. */
  target?: { pid: number; startTime: string };
  /** The folder of all attempts and the one of all logs, made by the first attempt. */
  first: boolean;
  parents: { run: string; layer: string; log: string };
  logLimits: { maxBytes: number; maxFiles: number };
  userNamespace?: UserNamespace;
}

/** From nothing to a process waiting at its gate. `container-exec` lets it run. */
export function planContainer(input: ContainerInput): HostOp[] {
  const { container, folders, cgroup, parents } = input;
  const directory = (path: string, mode: number): HostOp => ({ op: "mkdir", path, mode });
  return [
    ...(input.first
      ? [directory(parents.run, 0o700), directory(parents.layer, 0o700), directory(parents.log, 0o755)]
      : []),
    directory(folders.run, 0o700),
    directory(folders.rootfs, 0o700),
    directory(folders.layer, 0o700),
    directory(`${folders.layer}/upper`, 0o755),
    directory(`${folders.layer}/work`, 0o700),
    { op: "write-file", path: folders.terminationLog, data: "", mode: 0o666 },
    ...cgroup.hostOps,
    ...input.hostSecurity,
    {
      op: "container-start",
      name: container.name,
      directory: folders.run,
      logDirectory: folders.logDirectory,
      cgroup: cgroup.kill,
      monitorCgroup: input.monitor.directory,
      fds: descriptors(input),
      ops: containerOps(input),
    },
  ];
}

/** Files of an attempt's folder, by which `attach` reaches the monitor. */
export const ATTACH_SOCKET = "attach";
export const TERMINAL_SIZES = "size";

const FD = { holder: 6, logs: 7, state: 8, cgroup: 9 } as const;

/**
 * Descriptors from 6 on. A pod without v2 cgroups has the state folder in the fourth place too: the number is never
 * used.
 */
function descriptors(input: ContainerInput): ContainerFd[] {
  const { folders, cgroup, userNamespace, target } = input;
  const own = cgroup.enter.directory === "" ? 0 : 1;
  const after = FD.cgroup + own + (userNamespace ? 2 : 0);
  return [
    { fd: FD.holder, kind: "holder" },
    { fd: FD.logs, kind: "directory", path: folders.logDirectory },
    { fd: FD.state, kind: "directory", path: folders.run },
    ...(cgroup.enter.directory === ""
      ? []
      : [{ fd: FD.cgroup, kind: "directory", path: cgroup.enter.directory } satisfies ContainerFd]),
    ...(userNamespace
      ? [
          { fd: FD.cgroup + own, kind: "user-namespace" } satisfies ContainerFd,
          { fd: FD.cgroup + own + 1, kind: "own-mounts" } satisfies ContainerFd,
        ]
      : []),
    ...(target ? [{ fd: after, kind: "process", process: target } satisfies ContainerFd] : []),
  ];
}

function containerOps(input: ContainerInput): ContainerOp[] {
  const fds = descriptors(input);
  const at = (kind: ContainerFd["kind"]) => fds.find((each) => each.kind === kind)?.fd ?? -1;
  const stages = { stageOne: stageOne(input), stageTwo: stageTwo(input) };
  if (!input.userNamespace) return [...stages.stageOne, ...stages.stageTwo];
  refuseSending(input.container);
  return mappedContainer({
    ...stages,
    ids: input.userNamespace,
    volumeAt: (target) => {
      const name = input.container.volumeMounts?.find(
        ({ mountPath }) => normalise(mountPath) === target,
      )?.name;
      const volume = input.spec.volumes?.find((one) => one.name === name);
      return { name: name ?? "", devices: volume?.hostPath !== undefined };
    },
    shown: new Set([...input.volumes.values()].filter(({ shown }) => shown).map(({ path }) => path)),
    userFd: at("user-namespace"),
    mountsFd: at("own-mounts"),
  });
}

/** The pod's root would mount what it likes in the host's own tree. */
function refuseSending({ name, volumeMounts = [] }: Container): void {
  const mount = volumeMounts.find(({ mountPropagation }) => mountPropagation === "Bidirectional");
  if (!mount) return;
  throw new TspodError({
    code: "TS3213",
    message: `container ${name}: volume ${JSON.stringify(mount.name)}: mountPropagation Bidirectional cannot be combined with hostUsers: false`,
    hint: "HostToContainer can; or leave hostUsers out",
    exitCode: ExitCode.invalid,
  });
}

/** The monitor: joins what the pod shares, then becomes two. */
function stageOne(input: ContainerInput): ContainerOp[] {
  const { spec, container, folders, cgroup, logLimits, monitor, target } = input;
  let joined = 0;
  if (!spec.hostNetwork) joined |= CLONE_NEWNET | CLONE_NEWUTS;
  if (!spec.hostIPC) joined |= CLONE_NEWIPC;
  if (spec.shareProcessNamespace) joined |= CLONE_NEWPID;
  const shares = spec.shareProcessNamespace || spec.hostPID || target !== undefined;
  const targetFd = descriptors(input).find(({ kind }) => kind === "process")?.fd;
  const own = CLONE_NEWNS | (shares ? 0 : CLONE_NEWPID);
  const killFile = shares && cgroup.enter.directory !== "" ? `${cgroup.enter.directory}/cgroup.kill` : "";
  return [
    ...monitor.tasks.map((path): ContainerOp => ({ op: "write", path, data: "0" })),
    { op: "log", dirFd: FD.logs, name: folders.logName, ...logLimits },
    { op: "exit-record", dirFd: FD.state, name: "exit", oomFile: cgroup.oomFile, killFile },
    ...attachOps(container),
    ...(joined === 0 ? [] : [{ op: "setns", fd: FD.holder, flags: joined } satisfies ContainerOp]),
    ...(targetFd === undefined
      ? []
      : [{ op: "setns", fd: targetFd, flags: CLONE_NEWPID } satisfies ContainerOp]),
    {
      op: "clone",
      flags: own,
      cgroupFd: cgroup.enter.directory === "" ? -1 : FD.cgroup,
      stdio: container.tty ? "tty" : "pipes",
    },
  ];
}

/** Containers without input or terminal are attached to by following their logs. */
function attachOps({ stdin = false, stdinOnce = false, tty }: Container): ContainerOp[] {
  if (!stdin && !tty) return [];
  return [
    {
      op: "attach",
      dirFd: FD.state,
      name: ATTACH_SOCKET,
      sizes: TERMINAL_SIZES,
      stdin,
      once: stdin && stdinOnce,
    },
  ];
}

/** What stands for descriptor 0: the terminal, the pipe of those who attach, or nothing. */
function stdinOps({ tty, stdin }: Container): ContainerOp[] {
  if (tty) return [{ op: "console", sockFd: -1, bind: true, rows: 24, columns: 80 }];
  return stdin ? [] : [{ op: "stdin-null" }];
}

/** The container itself, up to execve. */
function stageTwo(input: ContainerInput): ContainerOp[] {
  const { spec, container, security, folders, cgroup } = input;
  const privileged = container.securityContext?.privileged ?? false;
  const { uid, gid } = security.user;
  const mounts = volumeMounts({
    container,
    volumes: input.volumes,
    env: input.manifestEnv,
    generated: input.generated,
    mounts: input.mounts,
  });
  return [
    { op: "pdeathsig", signal: 9 },
    { op: "setsid" },
    { op: "keyring" },
    ...cgroup.enter.tasks.map((path): ContainerOp => ({ op: "write", path, data: "0" })),
    ...mounts.sources,
    ...overlayOps({
      rootfs: folders.rootfs,
      lowers: input.layers,
      upper: `${folders.layer}/upper`,
      work: `${folders.layer}/work`,
      propagates: wantsPropagation(container),
    }),
    ...systemMountOps({
      shm: spec.hostIPC ? "" : input.shm,
      cgroups: input.cgroupMounts,
      privileged,
      devices: input.devices,
    }),
    ...input.oomScore,
    ...mounts.binds,
    ...security.maskedPaths.map((path): ContainerOp => ({ op: "mask", path })),
    ...security.readonlyPaths.map((path): ContainerOp => ({ op: "readonly", path })),
    { op: "pivot" },
    ...stdinOps(container),
    { op: "chown-stdio", uid, gid },
    { op: "umask", mask: 0o022 },
    ...security.rlimits,
    { op: "chdir", path: input.workingDir, uid, gid },
    // After the folder it starts in has been made.
    ...(container.securityContext?.readOnlyRootFilesystem
      ? [{ op: "root-attr", set: MOUNT_ATTR_RDONLY } satisfies ContainerOp]
      : []),
    ...security.early,
    { op: "gate" },
    ...security.late,
    execOp(input.argv, input.env),
  ];
}

/** execve with the candidates of the container's own PATH. */
export function execOp(argv: string[], env: ReadonlyMap<string, string>): ContainerOp {
  return {
    op: "execve",
    candidates: execCandidates(argv[0] ?? "", env.get("PATH") ?? ""),
    argv,
    env: [...env].map(([name, value]) => `${name}=${value}`),
  };
}
