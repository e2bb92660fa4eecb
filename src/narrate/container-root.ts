import type { ContainerOp } from "../plan/container-op.ts";
import { attributeOptions, mountAttributes, mountFlags, mountOptions } from "./flags.ts";
import { type Narration, octal, shellWord } from "./narration.ts";

export type RootOp = Extract<
  ContainerOp,
  {
    op:
      | "propagation"
      | "mount"
      | "overlay"
      | "tree"
      | "root"
      | "mkdir"
      | "fs"
      | "procfs"
      | "bind"
      | "dev"
      | "symlink"
      | "mask"
      | "readonly"
      | "root-attr"
      | "proc-write"
      | "pivot";
  }
>;

const inRoot = (path: string): string => `$ROOT${shellWord(path)}`;

/** An operation on the container's root filesystem, in words. */
export function describeRootOp(op: RootOp): Narration {
  switch (op.op) {
    case "propagation":
      return {
        what: `make all mounts ${mountFlags(op.flags)}`,
        why: "What is mounted from here on stays in this mount namespace; the host does not see it.",
        syscalls: [`mount(NULL, "/", NULL, ${mountFlags(op.flags)})`],
        shell: "mount --make-rprivate /",
      };
    case "mount": {
      const options = [...mountOptions(op.flags), ...(op.data === "" ? [] : [op.data])].join(",");
      return {
        what: `mount ${op.fstype || op.source} on ${op.target}`,
        why: "The holder's root is empty: it needs no file.",
        syscalls: [
          `mount("${op.source}", "${op.target}", "${op.fstype}", ${mountFlags(op.flags)}, "${op.data}")`,
        ],
        shell: `mount -t ${op.fstype}${options === "" ? "" : ` -o ${shellWord(options)}`} ${shellWord(op.source)} ${shellWord(op.target)}`,
      };
    }
    case "overlay": {
      const paths = [`lowerdir=${op.lowers.map(overlayPath).join(":")}`, `upperdir=${overlayPath(op.upper)}`];
      const options = [...paths, `workdir=${overlayPath(op.work)}`, ...op.options].join(",");
      return {
        what: `mount overlay on ${op.target}`,
        why: "The image's layers are shared and read-only below; what the container writes goes to a folder of its own on top.",
        syscalls: [
          'fsopen("overlay")',
          ...op.lowers.map((lower) => `fsconfig("lowerdir+", "${lower}")`),
          `fsconfig("upperdir", "${op.upper}")`,
          `fsconfig("workdir", "${op.work}")`,
          ...op.options.map((option) => `fsconfig("${option}")`),
          "fsmount()",
          `move_mount("${op.target}")`,
        ],
        shell: `mount -t overlay -o ${shellWord(options)} overlay ${shellWord(op.target)}`,
      };
    }
    case "tree":
      return {
        what: `open a copy of the mounts at ${op.subPath === "" ? op.source : `${op.source}/${op.subPath}`}`,
        why: "mountPropagation: Bidirectional. Taken now, it stays tied to the host's: what is mounted in one shows in the other.",
        syscalls: [`open_tree("${op.source}", OPEN_TREE_CLONE${op.recursive ? " | AT_RECURSIVE" : ""})`],
      };
    case "root":
      return {
        what: `open ${op.path} as the root`,
        why: "From here on every path is resolved beneath it, so that no symbolic link of the image leads out.",
        syscalls: [`open("${op.path}", O_PATH | O_DIRECTORY)`],
        shell: `ROOT=${shellWord(op.path)}`,
      };
    case "mkdir":
      return {
        what: `make folder ${op.path} in the container`,
        why: "Something will be mounted or put there; one that is there already is left as it is.",
        syscalls: [`openat2(root, "${op.path}", RESOLVE_IN_ROOT)`, `mkdirat(${octal(op.mode)})`],
        shell: `mkdir -p -m ${octal(op.mode)} ${inRoot(op.path)}`,
      };
    case "fs": {
      const options = [...attributeOptions(op.attrs), ...op.options].join(",");
      return {
        what: `mount ${op.fstype} on ${op.target}`,
        why: FILESYSTEMS[op.fstype] ?? "The container gets a filesystem of its own there.",
        syscalls: [
          `fsopen("${op.fstype}")`,
          ...op.options.map((option) => `fsconfig("${option}")`),
          `fsmount(${mountAttributes(op.attrs)})`,
          `move_mount("${op.target}")`,
        ],
        shell: `mount -t ${op.fstype}${options === "" ? "" : ` -o ${shellWord(options)}`} ${op.fstype} ${inRoot(op.target)}`,
      };
    }
    case "procfs":
      return {
        what: "open a procfs that is mounted nowhere",
        why: "Settings are written through it: a /proc inside the container could be a trap.",
        syscalls: ['fsopen("proc")', "fsmount()"],
      };
    case "bind":
      return describeBind(op);
    case "dev": {
      const block = (op.mode & 0o170000) === 0o060000;
      const mode = octal(op.mode & 0o7777);
      return {
        what: `make device ${op.path} (${op.major}:${op.minor})`,
        why: "A few harmless devices every program expects; which ones may be opened is the cgroup's business.",
        syscalls: [
          `mknodat("${op.path}", ${block ? "S_IFBLK" : "S_IFCHR"} | ${mode}, ${op.major}:${op.minor})`,
        ],
        shell: `mknod -m ${mode} ${inRoot(op.path)} ${block ? "b" : "c"} ${op.major} ${op.minor}`,
      };
    }
    case "symlink":
      return {
        what: `link ${op.path} to ${op.target}`,
        why: "Programs expect this name.",
        syscalls: [`symlinkat("${op.target}", "${op.path}")`],
        shell: `ln -s ${shellWord(op.target)} ${inRoot(op.path)}`,
      };
    case "mask":
      return {
        what: `hide ${op.path}`,
        why: "It would tell about the host or change it; one that is not there is passed over.",
        syscalls: [`move_mount("${op.path}") of an empty read-only tmpfs or of /dev/null`],
        shell: `mount --bind $ROOT/dev/null ${inRoot(op.path)}`,
      };
    case "readonly":
      return {
        what: `make ${op.path} read-only`,
        why: "The kernel's settings there are the host's too.",
        syscalls: [
          `open_tree("${op.path}", OPEN_TREE_CLONE)`,
          "mount_setattr(MOUNT_ATTR_RDONLY)",
          "move_mount()",
        ],
        shell: `mount --bind ${inRoot(op.path)} ${inRoot(op.path)} && mount -o remount,bind,ro ${inRoot(op.path)}`,
      };
    case "root-attr":
      return {
        what: `set ${mountAttributes(op.set)} on the root`,
        why: "readOnlyRootFilesystem: nothing but volumes can be written.",
        syscalls: [`mount_setattr("/", ${mountAttributes(op.set)})`],
        shell: `mount -o remount,bind,${attributeOptions(op.set).join(",")} $ROOT`,
      };
    case "proc-write":
      return {
        what: `write ${JSON.stringify(op.data)} to /proc/${op.path}`,
        why: op.path.endsWith("oom_score_adj")
          ? "When memory runs out the kernel kills the highest score first; it follows from the QoS class."
          : "A setting of this namespace alone.",
        syscalls: [`openat2(procfs, "${op.path}", RESOLVE_NO_XDEV)`, `write(${JSON.stringify(op.data)})`],
        shell: `echo ${shellWord(op.data)} > /proc/${op.path}`,
      };
    case "pivot":
      return {
        what: "make it the root, and let go of the old one",
        why: "Unlike after chroot, the host's files are not merely out of sight: they are not mounted here any more.",
        syscalls: ['pivot_root(".", ".")', 'umount2(".", MNT_DETACH)'],
        shell: "cd $ROOT && pivot_root . . && umount -l .",
      };
  }
}

/** mount(8)'s options end at `,`, overlay's layers at `:`, and backslashes protect both. */
export function overlayPath(path: string): string {
  return path.replace(/[\\:,]/g, (c) => `\\${c}`);
}

const FILESYSTEMS: Record<string, string> = {
  proc: "The processes of its own PID namespace, and no others.",
  sysfs: "The kernel's devices as its own network namespace sees them.",
  tmpfs: "A small filesystem in memory.",
  devpts: "Terminals of its own: none of the host's can be reached.",
  mqueue: "The POSIX message queues of the pod's IPC namespace.",
  cgroup: "Its own cgroups, read-only.",
  cgroup2: "Its own cgroup, read-only, as the root of the tree.",
};

function describeBind(op: Extract<RootOp, { op: "bind" }>): Narration {
  const source = op.subPath === "" ? op.source : `${op.source}/${op.subPath}`;
  const options = attributeOptions(op.set);
  return {
    what: `bind ${source} to ${op.target}${options.includes("ro") ? ", read-only" : ""}`,
    why:
      op.subPath === ""
        ? "The same files under another path: what one container writes, the others see."
        : "One entry of the volume alone; a symbolic link in it cannot lead out of the volume.",
    syscalls: [
      `open_tree("${op.source}", OPEN_TREE_CLONE${op.recursive ? " | AT_RECURSIVE" : ""})`,
      ...(op.subPath === "" ? [] : [`openat2("${op.subPath}", RESOLVE_BENEATH)`]),
      ...(op.set === 0 && op.clear === 0 ? [] : [`mount_setattr(${mountAttributes(op.set)})`]),
      `move_mount("${op.target}")`,
    ],
    shell: `mount --${op.recursive ? "rbind" : "bind"}${options.length > 0 ? ` -o ${options.join(",")}` : ""} ${shellWord(source)} ${inRoot(op.target)}`,
  };
}
