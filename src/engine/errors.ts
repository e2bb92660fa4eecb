import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp } from "../plan/host-op.ts";
import { linkInWay } from "./link-in-way.ts";
import { mappedFailure } from "./mapped-errors.ts";
import { mountMismatch } from "./mount-mismatch.ts";
import { plainChroot } from "./plain-chroot.ts";
import { sysctlRefused } from "./sysctl-refused.ts";

interface SystemError {
  code?: string;
  syscall?: string;
  path?: string;
  message: string;
}

/** Wraps what the kernel interface threw, naming the op; a TspodError passes through as it is. */
export function hostOpFailed(op: HostOp, step: number, thrown: unknown): TspodError {
  if (thrown instanceof TspodError) return thrown;
  const error = thrown as SystemError;
  return new TspodError({
    code: "TS5001",
    message: `step ${step + 1}, ${describeHost(op)}: ${explain(error)}`,
    step: `step ${step + 1}, ${describeHost(op)}`,
    ...(error.code ? { errno: error.code } : {}),
    ...(error.syscall ? { syscall: error.syscall } : {}),
    ...(error.path ? { path: error.path } : {}),
    cause: thrown,
  });
}

/** The helper reported that an op of a container's (or the holder's) list failed. */
export function containerOpFailed(
  who: string,
  ops: readonly ContainerOp[],
  failure: { step: number; errno: string; syscall: string },
): TspodError {
  const op = ops[failure.step];
  const what = op ? describeContainer(op) : "set-up";
  const mapped = mappedFailure(who, ops, failure);
  if (mapped) return mapped;
  if (op?.op === "execve") return execFailed(who, op, failure.errno);
  const link = linkInWay(who, ops, failure);
  if (link) return link;
  const worded =
    mountMismatch(who, op, failure) ?? plainChroot(who, op, failure) ?? sysctlRefused(op, failure);
  if (worded) return worded;
  if (op?.op === "chdir") {
    return new TspodError({
      code: "TS5103",
      message: `${who}: workingDir ${JSON.stringify(op.path)} cannot be used: ${failure.errno} in ${failure.syscall}`,
      hint: "workingDir must be a folder inside the container's root filesystem",
      errno: failure.errno,
      syscall: failure.syscall,
      path: op.path,
      step: `${who}: step ${failure.step + 1}, ${what}`,
    });
  }
  return new TspodError({
    code: "TS5002",
    message: `${who}: step ${failure.step + 1}, ${what}: ${failure.syscall} failed with ${failure.errno}`,
    ...(op?.op === "bind" && failure.syscall === "move_mount" && failure.errno === "EPERM"
      ? {
          hint: `by a link of the image or of a volume, ${op.target} is / or in /proc: nothing is mounted there`,
        }
      : {}),
    step: `${who}: step ${failure.step + 1}, ${what}`,
    errno: failure.errno,
    syscall: failure.syscall,
  });
}

function execFailed(who: string, op: Extract<ContainerOp, { op: "execve" }>, errno: string): TspodError {
  const command = op.argv[0] ?? "";
  const missing = errno === "ENOENT" || errno === "ENOTDIR";
  const text = command.includes("/")
    ? missing
      ? `stat ${command}: no such file or directory`
      : `${command}: ${errno === "EACCES" ? "permission denied" : errno}`
    : missing
      ? "executable file not found in $PATH"
      : errno === "EACCES"
        ? "permission denied"
        : errno;
  return new TspodError({
    code: missing ? "TS5101" : "TS5102",
    message: `${who}: exec: ${JSON.stringify(command)}: ${text}`,
    hint: missing
      ? errno === "ENOENT" && command.includes("/")
        ? "the file is not in the image, or the interpreter or loader it names is not"
        : command === ""
          ? "the first word of `command` or `args` is empty: name a program"
          : `none of the folders of the container's PATH holds it: looked for ${op.candidates.join(", ")}`
      : errno === "E2BIG"
        ? tooBig(op)
        : "the file must be executable by the container's user, and of this machine's architecture",
    exitCode: missing ? ExitCode.commandNotFound : ExitCode.notExecutable,
    errno,
    syscall: "execve",
    path: command,
  });
}

/** MAX_ARG_STRLEN, its final NUL not counted. */
const MAX_TEXT = 131_071;

/** Why execve(2) took the arguments and variables for too big. */
function tooBig({ argv, env }: Extract<ContainerOp, { op: "execve" }>): string {
  const kernel = "the kernel takes 128 KiB a text, and arguments and environment together";
  const variable = env.find((text) => Buffer.byteLength(text) > MAX_TEXT);
  const argument = argv.findIndex((text) => Buffer.byteLength(text) > MAX_TEXT);
  const all = [...argv, ...env];
  // execve(2) counts a pointer for each text, too.
  const bytes = all.reduce((sum, text) => sum + Buffer.byteLength(text) + 9, 0);
  const found =
    variable !== undefined
      ? `variable ${variable.split("=", 1)[0]} has ${Buffer.byteLength(variable)} bytes with its name`
      : argument >= 0
        ? `argument ${argument} has ${Buffer.byteLength(argv[argument] as string)} bytes`
        : `these are ${all.length} texts of ${bytes} bytes in all`;
  return `${found}; ${kernel} up to a quarter of the stack's limit (6 MiB at most): put the rest into a file of a volume`;
}

/** An op in a few words for error messages; src/narrate says more. */
export function describeHost(op: HostOp): string {
  switch (op.op) {
    case "holder-start":
      return "start the pod's holder";
    case "container-start":
      return `create container ${op.name}`;
    case "container-exec":
      return `start container ${op.name}`;
    case "address-hold":
    case "address-release":
      return `${op.op} ${op.address}`;
    case "apparmor-load":
      return `${op.op} ${op.profile}`;
    case "id-range-hold":
    case "id-range-release":
      return `${op.op} ${op.first}`;
    case "veth-add":
    case "bridge-add":
    case "link-up":
    case "link-delete":
      return `${op.op} ${op.name}`;
    case "address-add":
      return `${op.op} ${op.address} on ${op.name}`;
    case "route-default":
      return `default route via ${op.gateway}`;
    case "sysctl-set":
      return `${op.op} ${op.key}`;
    case "nft-table-add":
    case "nft-table-delete":
    case "uplinks-close":
    case "nft-ports-add":
    case "nft-ports-delete":
      return `${op.op} ${op.table}`;
    case "kill-all":
      return `kill ${op.cgroup}`;
    case "rename":
      return `rename ${op.from} to ${op.to}`;
    case "mount-tmpfs":
    case "mount-hugetlbfs":
    case "mount-overlay":
    case "umount":
      return `${op.op} ${op.target}`;
    default:
      return `${op.op} ${op.path}`;
  }
}

/** The op in a few words, for messages; `narrate` has the sentences. */
export function describeContainer(op: ContainerOp): string {
  switch (op.op) {
    case "mount":
      return `mount ${op.fstype} on ${op.target}`;
    case "fs":
      return `mount ${op.fstype} on ${op.target}`;
    case "bind":
      return `bind ${op.source}${op.subPath ? ` (subPath ${op.subPath})` : ""} on ${op.target}`;
    case "overlay":
      return `mount overlay on ${op.target}`;
    case "tree":
      return `open ${op.source}${op.subPath ? ` (subPath ${op.subPath})` : ""}`;
    case "id-map":
      return `show ${op.of} with the pod's ids`;
    case "mkdir":
    case "dev":
    case "symlink":
    case "mask":
    case "readonly":
    case "root":
    case "chdir":
    case "write":
    case "proc-write":
      return `${op.op} ${op.path}`;
    case "execve":
      return `execve ${op.argv[0] ?? ""}`;
    default:
      return op.op;
  }
}

function explain(error: SystemError): string {
  const what = error.syscall
    ? `${error.syscall} failed with ${error.code ?? "an unknown error"}`
    : error.message;
  return error.path && !what.includes(error.path) ? `${what} (${error.path})` : what;
}
