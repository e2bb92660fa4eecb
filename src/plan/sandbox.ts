import { join } from "node:path";
import {
  CLONE_NEWIPC,
  CLONE_NEWNET,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWUSER,
  CLONE_NEWUTS,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_PRIVATE,
  MS_RDONLY,
  MS_REC,
} from "../kernel/constants.ts";
import type { PodSpec } from "../manifest/index.ts";
import type { ContainerOp } from "./container-op.ts";
import type { HostOp } from "./host-op.ts";
import { infraOps } from "./infra.ts";
import { BECOME_ROOT, openedBefore, throughHostProc, type UserNamespace } from "./user-namespace.ts";

/** Folders of a pod, as `state/paths.ts` names them. */
export interface SandboxFolders {
  etc: string;
  shm: string;
  containers: string;
  /** Mount point of the holder's empty root; nothing is ever mounted there in the host's tree. */
  infraRoot: string;
  lib: string;
  logs: string;
}

export interface SandboxInput {
  spec: PodSpec;
  folders: SandboxFolders;
  /** Content of the files every container sees, by file name; those the host's own stand for are absent. */
  etc: ReadonlyMap<string, string>;
  /** "" when the UTS namespace is the host's. */
  hostname: string;
  /** Volumes of the pod (plan/volumes.ts). */
  volumes: readonly HostOp[];
  /** The pod's cgroup (cgroup/). */
  cgroup: {
    hostOps: readonly HostOp[];
    infra: { directory: string; tasks: readonly string[] };
    kill: string;
  };
  /** The pod's network (net/): before the holder exists, in the holder, after. */
  network: {
    beforeHolder: readonly HostOp[];
    holder: readonly ContainerOp[];
    afterHolder: readonly HostOp[];
  };
  /** The pod has had a sandbox before: its folders are there, and its volumes unless they were given up with it. */
  again: false | "with-volumes" | "without-volumes";
  /** Namespaced sysctls: the holder writes them, being born in the namespaces (security/). */
  sysctls: readonly ContainerOp[];
  /** A program that is the holder in place of tspod's own. */
  infra?: readonly [string, ...string[]] | undefined;
  /** Of a pod with `hostUsers: false`: its ids, and where the ranges in use are kept. */
  userNamespace?: UserNamespace & { directory: string; uid: string };
}

/** The size of /dev/shm that CRI runtimes give (64 MiB). */
const SHM_OPTIONS = "mode=1777,size=65536k";

/** Everything of a pod that is not a container, in order. */
export function planSandbox(input: SandboxInput): HostOp[] {
  const { folders, cgroup, network, spec } = input;
  const directory = (path: string, mode: number): HostOp => ({ op: "mkdir", path, mode });
  return [
    ...cgroup.hostOps,
    ...(input.userNamespace ? [{ op: "id-range-hold", ...input.userNamespace } satisfies HostOp] : []),
    ...network.beforeHolder,
    directory(folders.infraRoot, 0o700),
    {
      op: "holder-start",
      // With a user namespace, `clone-mapped` makes them all.
      flags: input.userNamespace ? 0 : namespaceFlags(spec),
      cgroup: cgroup.infra.directory,
      kill: cgroup.kill,
      ops: holderOps(input),
    },
    ...network.afterHolder,
    ...(input.again ? [] : [directory(folders.lib, 0o711)]),
    directory(folders.etc, 0o755),
    ...[...input.etc].map(
      ([name, data]): HostOp => ({ op: "write-file", path: join(folders.etc, name), data, mode: 0o644 }),
    ),
    ...(input.again
      ? []
      : [
          directory(folders.containers, 0o700),
          directory(join(folders.lib, "containers"), 0o711),
          directory(folders.logs, 0o755),
        ]),
    ...(spec.hostIPC
      ? []
      : [
          directory(folders.shm, 0o1777),
          {
            op: "mount-tmpfs",
            target: folders.shm,
            flags: MS_NOSUID | MS_NODEV | MS_NOEXEC,
            data: SHM_OPTIONS,
          } satisfies HostOp,
        ]),
    ...(input.again === "with-volumes" ? [] : input.volumes),
  ];
}

/**
 * Namespaces of the holder: net, ipc and uts are the pod's always (Kubernetes), pid only with
 * shareProcessNamespace; `host*` fields leave one out. A pod in the host's network has the host's name too (CRI).
 */
export function namespaceFlags(spec: PodSpec): number {
  let flags = CLONE_NEWNS;
  if (!spec.hostNetwork) flags |= CLONE_NEWNET | CLONE_NEWUTS;
  if (!spec.hostIPC) flags |= CLONE_NEWIPC;
  if (spec.shareProcessNamespace) flags |= CLONE_NEWPID;
  return flags;
}

/** The holder: enters its cgroup, writes what only a process inside the new namespaces can, and shuts itself off. */
function holderOps(input: SandboxInput): ContainerOp[] {
  const { folders, hostname, cgroup, network, sysctls, userNamespace } = input;
  const enter = cgroup.infra.tasks.map((path): ContainerOp => ({ op: "write", path, data: "0" }));
  const name: ContainerOp[] = hostname === "" ? [] : [{ op: "sethostname", name: hostname }];
  const root: ContainerOp[] = [
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    {
      op: "mount",
      source: "tmpfs",
      target: folders.infraRoot,
      fstype: "tmpfs",
      flags: (input.infra ? 0 : MS_RDONLY) | MS_NOSUID | MS_NODEV | MS_NOEXEC,
      // Of a pod with users of its own, its root.
      data: `mode=555,size=4k,nr_inodes=${input.infra ? 3 : 2}${userNamespace ? ",uid=0,gid=0" : ""}`,
    },
    { op: "root", path: folders.infraRoot },
  ];
  const end: ContainerOp[] = input.infra ? infraOps(input.infra) : [{ op: "pivot" }, { op: "pause" }];
  if (!userNamespace) {
    const procfs: ContainerOp[] = sysctls.length === 0 ? [] : [{ op: "procfs" }];
    return [...enter, ...network.holder, ...procfs, ...sysctls, ...name, ...root, ...end];
  }
  const { first, size } = userNamespace;
  const program = openedBefore(end);
  return [
    ...enter,
    ...program.open,
    { op: "clone-mapped", flags: namespaceFlags(input.spec) | CLONE_NEWUSER, first, size },
    ...network.holder,
    // The way to the folder is only for the host's root, which is who the holder still is to files.
    ...root,
    BECOME_ROOT,
    // A procfs of its own could be mounted only by the owner of the PID namespace, which may be the host's.
    ...sysctls.map(throughHostProc),
    ...name,
    ...program.ops,
  ];
}
