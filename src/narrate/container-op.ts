import { CLONE_NEWNS } from "../kernel/constants.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import { describeProcessOp } from "./container-process.ts";
import { describeRootOp } from "./container-root.ts";
import { cloneFlags, namespaceNames } from "./flags.ts";
import type { Narration } from "./narration.ts";
import { describeMappedOp } from "./user-namespace.ts";

/** An operation of the helper, in words. */
export function describeContainerOp(op: ContainerOp): Narration {
  switch (op.op) {
    case "setns":
      if (op.flags === CLONE_NEWNS) {
        return {
          what: "go back to the mount namespace it came from",
          why: "What was mounted meanwhile is kept by descriptor; the rest of the namespace is gone with that.",
          syscalls: [`setns(${op.fd}, CLONE_NEWNS)`],
        };
      }
      return {
        what: `join the ${op.flags === 0 ? "" : `${namespaceNames(op.flags).join(", ")} `}namespaces of the holder`,
        why: "Joining instead of making new ones is what makes containers a pod: they share these.",
        syscalls: [`setns(pidfd of the holder, ${cloneFlags(op.flags)})`],
        shell: `nsenter -t $HOLDER ${namespaceNames(op.flags).map(nsenterOption).join(" ")}`.trimEnd(),
      };
    case "log":
      return {
        what: `log to ${op.name}, up to ${op.maxFiles} files of ${Math.round(op.maxBytes / (1 << 20))} MiB`,
        why: "The monitor writes the container's output in the kubelet's format and starts a new file when one is full.",
        syscalls: [`openat(log folder, "${op.name}", O_APPEND | O_CREAT)`],
      };
    case "exit-record":
      return {
        what: `record the exit in ${op.name}`,
        why: "Exit code and signal are on disk before anybody asks, and outlive every process of tspod.",
        syscalls: [
          // The PID namespace ends only what is in it with the container's first process.
          ...(op.killFile === "" ? [] : [`write("${op.killFile}", "1")`]),
          `openat("${op.name}.tmp")`,
          "fdatasync()",
          `renameat("${op.name}")`,
        ],
      };
    case "attach":
      return {
        what: `listen for those who attach at ${op.name}`,
        why: op.stdin
          ? "The container's input comes from whoever attaches, and stays open while nobody does."
          : "Whoever attaches gets what the container writes to its terminal.",
        syscalls: ["socket(AF_UNIX)", `bind("${op.name}")`, "listen()", `mknodat("${op.sizes}", S_IFIFO)`],
      };
    case "clone":
      return {
        what:
          op.flags === 0
            ? "clone: the parent waits, the child goes on"
            : `clone into new ${namespaceNames(op.flags).join(", ")} namespaces: the parent becomes the monitor, the child the container`,
        why: "A PID namespace holds only processes born in it, so there has to be a child; and somebody has to wait for it.",
        syscalls: [
          `clone3(${[cloneFlags(op.flags), ...(op.cgroupFd >= 0 ? ["CLONE_INTO_CGROUP"] : [])].filter((flag) => flag !== "0").join(" | ") || "0"})`,
        ],
        ...(op.flags === 0
          ? {}
          : { shell: `unshare ${namespaceNames(op.flags).map(unshareOption).join(" ")} --fork` }),
      };
    case "aside":
    case "clone-mapped":
    case "id-map":
    case "fs-user":
      return describeMappedOp(op);
    case "gate":
      return {
        what: "wait at the gate",
        why: "Everything is ready. The parent can still look, place it in cgroups, or give up.",
        syscalls: ["read(gate)"],
      };
    case "unshare":
      return {
        what: `move into new ${namespaceNames(op.flags).join(", ")} namespaces`,
        why: "The process gets views of its own.",
        syscalls: [`unshare(${cloneFlags(op.flags)})`],
        shell: `unshare ${namespaceNames(op.flags).map(unshareOption).join(" ")}`,
      };
    case "propagation":
    case "mount":
    case "overlay":
    case "tree":
    case "root":
    case "mkdir":
    case "fs":
    case "procfs":
    case "bind":
    case "dev":
    case "symlink":
    case "mask":
    case "readonly":
    case "root-attr":
    case "proc-write":
    case "pivot":
      return describeRootOp(op);
    default:
      return describeProcessOp(op);
  }
}

function nsenterOption(namespace: string): string {
  return namespace === "mnt" ? "--mount" : `--${namespace}`;
}

const unshareOption = nsenterOption;
