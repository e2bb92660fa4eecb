import { TspodError } from "../errors/tspod-error.ts";
import {
  CLONE_NEWCGROUP,
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MOUNT_ATTR_STRICTATIME,
  MS_PRIVATE,
  MS_REC,
  MS_SLAVE,
} from "../kernel/constants.ts";
import type { ContainerOp } from "./container-op.ts";

const SAFE = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/** The standard devices of a container (OCI runtime-spec, config-linux.md, "Default Devices"). */
const DEVICES: readonly (readonly [name: string, major: number, minor: number])[] = [
  ["null", 1, 3],
  ["zero", 1, 5],
  ["full", 1, 7],
  ["random", 1, 8],
  ["urandom", 1, 9],
  ["tty", 5, 0],
];

const DEVICE_LINKS: readonly (readonly [path: string, target: string])[] = [
  ["/dev/fd", "/proc/self/fd"],
  ["/dev/stdin", "/proc/self/fd/0"],
  ["/dev/stdout", "/proc/self/fd/1"],
  ["/dev/stderr", "/proc/self/fd/2"],
  ["/dev/ptmx", "pts/ptmx"],
];

/** The kernel's OVL_MAX_STACK. */
const MAX_LAYERS = 500;

export interface OverlayInput {
  rootfs: string;
  /** Layers, top first. */
  lowers: readonly string[];
  upper: string;
  work: string;
  /** A mount of the container receives or sends mounts, so the tree stays a slave of the host's instead of private. */
  propagates: boolean;
}

/** From the host's mount tree to an opened root: nothing of the container is visible yet. */
export function overlayOps({ rootfs, lowers, upper, work, propagates }: OverlayInput): ContainerOp[] {
  return [
    { op: "propagation", flags: MS_REC | (propagates ? MS_SLAVE : MS_PRIVATE) },
    // "volatile" leaves out syncs at unmount: the layer does not outlive the container.
    { op: "overlay", target: rootfs, lowers: overlayLayers(lowers), upper, work, options: ["volatile"] },
    { op: "root", path: rootfs },
  ];
}

/** The layers as they are; more than the kernel stacks are refused. @throws TspodError TS5105. */
export function overlayLayers(lowers: readonly string[]): readonly string[] {
  if (lowers.length <= MAX_LAYERS) return lowers;
  throw new TspodError({
    code: "TS5105",
    message: `the image has ${lowers.length} layers: overlay stacks at most ${MAX_LAYERS}`,
    hint: "build the image with fewer layers: several commands in one RUN, or a stage that copies the result",
  });
}

export interface SystemMountsInput {
  /** The pod's /dev/shm; "" with hostIPC: the host's own. */
  shm: string;
  /** Hierarchies to show below /sys/fs/cgroup. */
  cgroups: CgroupMounts;
  privileged: boolean;
  /** The host's devices, for a privileged container; the standard ones are every container's. */
  devices: readonly Device[];
}

/** A device node: `mode` with S_IFBLK for a block device. */
export interface Device {
  path: string;
  mode: number;
  major: number;
  minor: number;
}

export type CgroupMounts =
  | { mode: "v2" }
  /** v1 hierarchies by their mount options (`memory`, `cpu,cpuacct`), and whether there is a v2 tree beside them. */
  | { mode: "v1"; controllers: string[]; unified: boolean };

/** /proc, /dev and /sys as every container expects them (OCI runtime-spec and CRI defaults). */
export function systemMountOps({ shm, cgroups, privileged, devices }: SystemMountsInput): ContainerOp[] {
  const sys = privileged ? SAFE : SAFE | MOUNT_ATTR_RDONLY;
  return [
    { op: "fs", fstype: "proc", target: "/proc", attrs: SAFE, options: [] },
    {
      op: "fs",
      fstype: "tmpfs",
      target: "/dev",
      attrs: MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
      options: ["mode=755", "size=65536k"],
    },
    ...DEVICES.map(
      ([name, major, minor]): ContainerOp => ({ op: "dev", path: `/dev/${name}`, mode: 0o666, major, minor }),
    ),
    ...deviceOps(devices),
    ...DEVICE_LINKS.map(([path, target]): ContainerOp => ({ op: "symlink", path, target })),
    {
      op: "fs",
      fstype: "devpts",
      target: "/dev/pts",
      attrs: MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
      options: ["newinstance", "ptmxmode=0666", "mode=0620", "gid=5"],
    },
    {
      op: "bind",
      source: shm === "" ? "/dev/shm" : shm,
      subPath: "",
      createSubPath: false,
      target: "/dev/shm",
      recursive: false,
      set: SAFE,
      clear: 0,
      propagation: MS_PRIVATE,
      attrsRecursive: false,
      tree: -1,
    },
    { op: "fs", fstype: "mqueue", target: "/dev/mqueue", attrs: SAFE, options: [] },
    { op: "fs", fstype: "sysfs", target: "/sys", attrs: sys, options: [] },
    ...cgroupMountOps(cgroups, sys),
    // The folder that holds the v1 mounts could not have been made read-only before they were there.
    ...(cgroups.mode === "v1" && !privileged
      ? [{ op: "readonly", path: "/sys/fs/cgroup" } satisfies ContainerOp]
      : []),
  ];
}

/** The host's devices beside the standard ones, each in the folder that it is in there. */
function deviceOps(devices: readonly Device[]): ContainerOp[] {
  const standard = new Set(DEVICES.map(([name]) => `/dev/${name}`));
  const own = new Set(DEVICE_LINKS.map(([path]) => path));
  const wanted = devices.filter(({ path }) => !standard.has(path) && !own.has(path));
  const folders = new Set(wanted.map(({ path }) => path.slice(0, path.lastIndexOf("/"))));
  folders.delete("/dev");
  return [
    ...[...folders].sort().map((path): ContainerOp => ({ op: "mkdir", path, mode: 0o755 })),
    ...wanted.map(({ path, mode, major, minor }): ContainerOp => ({ op: "dev", path, mode, major, minor })),
  ];
}

/** A cgroup namespace of its own (entered after the cgroups), so the container sees only its own subtree. */
function cgroupMountOps(cgroups: CgroupMounts, attrs: number): ContainerOp[] {
  const own: ContainerOp = { op: "unshare", flags: CLONE_NEWCGROUP };
  if (cgroups.mode === "v2") {
    return [own, { op: "fs", fstype: "cgroup2", target: "/sys/fs/cgroup", attrs, options: [] }];
  }
  return [
    own,
    { op: "fs", fstype: "tmpfs", target: "/sys/fs/cgroup", attrs: SAFE, options: ["mode=755", "size=64k"] },
    ...cgroups.controllers.map(
      (controllers): ContainerOp => ({
        op: "fs",
        fstype: "cgroup",
        target: `/sys/fs/cgroup/${controllers}`,
        attrs,
        options: controllers.split(","),
      }),
    ),
    ...(cgroups.unified
      ? [
          {
            op: "fs",
            fstype: "cgroup2",
            target: "/sys/fs/cgroup/unified",
            attrs,
            options: [],
          } satisfies ContainerOp,
        ]
      : []),
  ];
}
