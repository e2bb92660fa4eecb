import { dirname } from "node:path";
import { CLONE_NEWNS, CLONE_NEWUSER, MOUNT_ATTR_NODEV, MS_PRIVATE, MS_REC } from "../kernel/constants.ts";
import type { ContainerOp } from "./container-op.ts";

/** The ids of a pod with `hostUsers: false`: 0 to `size`-1 inside are the host's `first` and up. */
export interface UserNamespace {
  first: number;
  size: number;
}

/** The root of the user namespace the process is in; until then it is nobody there, with all capabilities. */
export const BECOME_ROOT: ContainerOp = { op: "user", uid: 0, gid: 0, groups: [] };

/** A write through the host's own /proc, which acts on the writer's namespaces too. */
export function throughHostProc(op: ContainerOp): ContainerOp {
  return op.op === "proc-write" ? { op: "write", path: `/proc/${op.path}`, data: op.data } : op;
}

/** The binds of a list as two steps: to open, while their sources can be reached, and to put in place. */
export function openedBefore(ops: readonly ContainerOp[]): { open: ContainerOp[]; ops: ContainerOp[] } {
  const open: ContainerOp[] = [];
  const rest = ops.map((op): ContainerOp => {
    if (op.op !== "bind" || op.tree >= 0) return op;
    const { source, subPath, createSubPath, recursive } = op;
    const fd = FIRST_TREE + open.length;
    open.push({ op: "tree", fd, source, subPath, createSubPath, recursive });
    return { ...op, tree: fd };
  });
  return { open, ops: rest };
}

export interface MappedInput {
  /** Of a container without a user namespace: up to its `clone`, and from there on. */
  stageOne: readonly ContainerOp[];
  stageTwo: readonly ContainerOp[];
  ids: UserNamespace;
  /** The volume that a bind shows; "" for what is none. `devices`: nodes in it may be opened. */
  volumeAt(target: string): { name: string; devices: boolean };
  /** Paths whose files have the pod's ids already. */
  shown: ReadonlySet<string>;
  /** Descriptors of the pod's user namespace and of the mount namespace that tspod is in. */
  userFd: number;
  mountsFd: number;
}

/** Descriptors of mounts: of the root, of the layer at hand, and from there on one for each bind. */
const ROOT_TREE = 198;
const LAYER_TREE = 199;
const FIRST_TREE = 200;

/**
 * The same container in the pod's user namespace. What takes rights on the host is done before it is entered: mounts
 * are opened and shown with the pod's ids, limits and cgroups set. What is left is done by the pod's own root, who can
 * do nothing that the container could not.
 *
 * The mounts are put up in a mount namespace of the host's root first. The container's, being another user's, is a copy
 * in which the kernel locks what they are: not even a privileged container makes a read-only volume writable, or
 * opens a device node that came with its image.
 */
export function mappedContainer(input: MappedInput): ContainerOp[] {
  const { stageOne, ids, userFd } = input;
  const { before, stand, outside, inside } = split(input);
  const clone = stageOne.find((op) => op.op === "clone");
  const [joined, ...others] = stageOne.filter((op) => op.op === "setns");
  return [
    ...stageOne.filter((op) => op !== clone && op.op !== "setns"),
    ...before,
    { op: "aside", stdio: clone?.stdio ?? "pipes", uid: ids.first, gid: ids.first },
    ...stand,
    ...outside,
    ...others,
    { op: "setns", fd: joined?.fd ?? userFd, flags: (joined?.flags ?? 0) | CLONE_NEWUSER },
    ...(clone ? [clone] : []),
    ...inside,
  ];
}

/**
 * `before` the process aside; in it, where the mounts `stand` and what else is `outside` of the user namespace; and
 * `inside`.
 */
function split(input: MappedInput) {
  const { stageTwo, userFd } = input;
  const before: ContainerOp[] = [];
  const stand: ContainerOp[] = [];
  const outside: ContainerOp[] = [];
  const inside: ContainerOp[] = [];
  const rootfs = stageTwo.find((op) => op.op === "overlay")?.target ?? "";
  let next = FIRST_TREE;
  let at = 0;
  const again: ContainerOp[] = [];
  /** Puts a mount up outside, with its attributes, and has it opened again inside under the same number. */
  const lock = (tree: number, source: string, how: Partial<Bind>): void => {
    stand.push({ ...bindTree(tree, source, `/${tree}`), ...how, tree, target: `/${tree}` });
    again.push({
      ...PLAIN,
      op: "tree",
      fd: tree,
      source: `${rootfs}/${tree}`,
      recursive: how.recursive ?? false,
    });
  };
  const open = (source: string, more: Partial<Tree> = {}): number => {
    const tree = { ...PLAIN, source, ...more, op: "tree", fd: next++ } satisfies Tree;
    before.push(tree);
    return tree.fd;
  };
  for (const op of stageTwo) {
    switch (op.op) {
      case "overlay":
        before.push(...overlayOps(op, input));
        stand.push(
          { op: "unshare", flags: CLONE_NEWNS },
          { op: "propagation", flags: MS_REC | MS_PRIVATE },
          scratch(rootfs),
          { op: "root", path: rootfs },
        );
        lock(ROOT_TREE, `${rootfs}/root`, { set: MOUNT_ATTR_NODEV });
        at = inside.length;
        inside.push({ op: "root", path: "/" }, bindTree(ROOT_TREE, `${rootfs}/${ROOT_TREE}`, op.target));
        break;
      case "root":
        // Keyrings count against the user who makes them.
        inside.push(op, BECOME_ROOT, { op: "keyring" });
        break;
      case "keyring":
        break;
      case "tree":
        before.push(op, idMap(op.fd, userFd, op.source));
        break;
      case "bind": {
        if (op.tree >= 0) {
          inside.push(op);
          break;
        }
        const { source, subPath, createSubPath, recursive } = op;
        const fd = open(source, { subPath, createSubPath, recursive });
        const { name, devices } = input.volumeAt(op.target);
        if (!input.shown.has(source)) before.push(idMap(fd, userFd, source, name));
        lock(fd, source, devices ? op : { ...op, set: op.set | MOUNT_ATTR_NODEV });
        inside.push({ ...op, tree: fd });
        break;
      }
      case "dev":
        {
          // mknod(2) is the initial user namespace's; the host's nodes can be used by all.
          const fd = open(op.path);
          lock(fd, op.path, {});
          inside.push(bindTree(fd, op.path, op.path));
        }
        break;
      case "rlimit":
        outside.push(op);
        break;
      case "write":
        outside.push(op);
        break;
      case "proc-write":
        outside.push(throughHostProc(op));
        break;
      default:
        inside.push(op);
    }
  }
  // As long as the process is still the host's root to files.
  inside.splice(at, 0, ...again);
  return { before, stand, outside, inside };
}

type Bind = Extract<ContainerOp, { op: "bind" }>;
type Tree = Extract<ContainerOp, { op: "tree" }>;
const PLAIN = { subPath: "", createSubPath: false, recursive: false } as const;

function idMap(fd: number, userFd: number, of: string, volume = ""): ContainerOp {
  return { op: "id-map", fd, by: userFd, of, volume };
}

/** `source` is for people: what is bound is the descriptor. */
function bindTree(tree: number, source: string, target: string): Bind {
  return {
    op: "bind",
    source,
    ...PLAIN,
    target,
    set: 0,
    clear: 0,
    propagation: MS_PRIVATE,
    attrsRecursive: false,
    tree,
  };
}

/** A place for mounts to be put up at. */
function scratch(target: string): ContainerOp {
  return { op: "mount", source: "tmpfs", target, fstype: "tmpfs", flags: 0, data: "mode=700,size=1m" };
}

/**
 * The root filesystem, kept as ROOT_TREE. An overlay cannot be idmapped itself, but its layers can, where they are
 * mounted somewhere: for that, a mount namespace that is left again.
 */
function overlayOps(
  overlay: Extract<ContainerOp, { op: "overlay" }>,
  { ids, userFd, mountsFd }: Pick<MappedInput, "ids" | "userFd" | "mountsFd">,
): ContainerOp[] {
  const at = overlay.target;
  const shown = (source: string, target: string): ContainerOp[] => [
    { ...PLAIN, op: "tree", fd: LAYER_TREE, source },
    idMap(LAYER_TREE, userFd, source),
    bindTree(LAYER_TREE, source, target),
  ];
  return [
    { op: "unshare", flags: CLONE_NEWNS },
    { op: "propagation", flags: MS_REC | MS_PRIVATE },
    scratch(at),
    { op: "root", path: at },
    ...overlay.lowers.flatMap((layer, index) => shown(layer, `/${index}`)),
    ...shown(dirname(overlay.upper), "/own"),
    { op: "mkdir", path: "/root", mode: 0o700 },
    { op: "fs-user", uid: ids.first, gid: ids.first },
    {
      ...overlay,
      target: `${at}/root`,
      lowers: overlay.lowers.map((_, index) => `${at}/${index}`),
      upper: `${at}/own/upper`,
      work: `${at}/own/work`,
    },
    { op: "fs-user", uid: 0, gid: 0 },
    { ...PLAIN, op: "tree", fd: ROOT_TREE, source: `${at}/root` },
    { op: "setns", fd: mountsFd, flags: CLONE_NEWNS },
  ];
}
