import type { TspodError } from "../errors/tspod-error.ts";
import type { HelperEvent, Kernel } from "../kernel/kernel.ts";
import type { HostOp } from "../plan/host-op.ts";
import { undoOf } from "../plan/undo.ts";
import { hostOpFailed } from "./errors.ts";
import { type Handles, holderOf } from "./handles.ts";
import type { Journal } from "./journal.ts";
import { execContainer, startContainer, startHolder } from "./processes.ts";

export interface ExecuteOptions {
  kernel: Kernel;
  handles: Handles;
  /** Where the undo of each op goes before it acts; none for ops that take something back. */
  journal?: Journal;
  /** Called after each op. */
  onStep?: (op: HostOp, step: number, ns: bigint) => void;
  /** Events of helpers, for tracing. */
  onHelperEvent?: (who: string, event: HelperEvent) => void;
}

/**
 * Carries out the ops in order; throws a TspodError at the first that fails. Undoing is the caller's, from the
 * journal.
 */
export function execute(ops: readonly HostOp[], options: ExecuteOptions): void {
  ops.forEach((op, step) => {
    const begun = process.hrtime.bigint();
    try {
      options.journal?.record(undoOf(op));
      act(op, options);
    } catch (thrown) {
      throw hostOpFailed(op, step, thrown);
    }
    options.onStep?.(op, step, process.hrtime.bigint() - begun);
  });
}

/** Carries out undo ops: all of them, whatever fails; returns what failed. */
export function unwind(ops: readonly HostOp[], options: ExecuteOptions): TspodError[] {
  const failures: TspodError[] = [];
  ops.forEach((op, step) => {
    try {
      act(op, options);
    } catch (thrown) {
      failures.push(hostOpFailed(op, step, thrown));
    }
  });
  return failures;
}

type Act<Name extends HostOp["op"]> = (op: Extract<HostOp, { op: Name }>, options: ExecuteOptions) => void;

/** What each op does, by its name. */
const ACTS: { [Name in HostOp["op"]]: Act<Name> } = {
  mkdir: (op, { kernel }) => kernel.makeDirectory(op.path, op.mode, op.gid),
  "ensure-directory": (op, { kernel }) => kernel.ensureDirectory(op.path, op.mode),
  "ensure-file": (op, { kernel }) => kernel.ensureFile(op.path, op.mode),
  "remove-tree": (op, { kernel }) => kernel.removeTree(op.path),
  "write-file": (op, { kernel }) => {
    const owner = op.uid === undefined ? undefined : { uid: op.uid, gid: op.gid ?? op.uid };
    const data = op.encoding === "base64" ? Buffer.from(op.data, "base64") : op.data;
    kernel.createFile(op.path, data, op.mode, owner);
  },
  symlink: (op, { kernel }) => kernel.symlink(op.target, op.path),
  unlink: (op, { kernel }) => kernel.unlink(op.path),
  rename: (op, { kernel }) => kernel.rename(op.from, op.to),
  "claim-ensure": (op, { kernel }) => {
    kernel.ensureExact(op.path, op.mode);
    if (kernel.readFile(op.record) === undefined) kernel.replaceFile(op.record, op.data, 0o600);
  },
  "fs-group": (op, { kernel }) => kernel.fsGroup(op.path, op.gid, op.onlyOnMismatch),
  "mount-tmpfs": (op, { kernel }) => kernel.mountTmpfs(op.target, op.flags, op.data),
  "mount-hugetlbfs": (op, { kernel }) => kernel.mountHugetlbfs(op.target, op.data),
  "mount-overlay": (op, { kernel, handles }) =>
    kernel.mountOverlay(op.target, op.lowers, op.mapped ? holderOf(handles).process.pid : undefined),
  umount: (op, { kernel }) => kernel.unmount(op.target),
  "expect-mounts": () => {},
  "umount-below": (op, { kernel }) => kernel.unmountBelow(op.path, op),
  "cgroup-create": (op, { kernel }) => kernel.cgroupCreate(op.path, op.shared),
  "cgroup-set": (op, { kernel }) => kernel.cgroupWrite(op.path, op.value),
  "cgroup-devices-bpf": (op, { kernel }) => kernel.cgroupDevices(op.path, op.program),
  "cgroup-remove": (op, { kernel }) => kernel.cgroupRemove(op.path),
  "cgroup-remove-if-empty": (op, { kernel }) => kernel.cgroupRemoveIfEmpty(op.path),
  "kill-all": (op, { kernel }) => kernel.cgroupKill(op.cgroup),
  "address-hold": (op, { kernel }) => holdAddress(op, kernel),
  "address-release": (op, options) => releaseAddress(op, options),
  "apparmor-load": (op, { kernel }) => kernel.appArmorLoad(op.text),
  "id-range-hold": (op, { kernel }) => holdIdRange(op, kernel),
  "id-range-release": (op, { kernel }) => {
    const file = `${op.directory}/${op.first}`;
    const owner = kernel.readFile(file);
    if (owner === op.uid || owner === "") kernel.unlink(file);
  },
  "bridge-add": (op, { kernel }) => kernel.bridgeAdd(op.name, op.address, op.prefixLength),
  "link-delete": (op, { kernel }) => kernel.linkDelete(op.name),
  "veth-add": (op, { kernel, handles }) =>
    kernel.vethAdd(holderOf(handles), op.name, op.bridge, op.peer, handles.address),
  "link-up": (op, { kernel, handles }) => kernel.linkUp(podSide(op.netns, handles), op.netns, op.name),
  "address-add": (op, { kernel, handles }) =>
    kernel.addressAdd(podSide(op.netns, handles), op.netns, op.name, op.address, op.prefixLength),
  "route-default": (op, { kernel, handles }) =>
    kernel.routeDefault(podSide(op.netns, handles), op.netns, op.gateway, op.name),
  "sysctl-set": (op, { kernel }) => kernel.sysctlSet(op.key, op.value),
  "nft-table-add": (op, { kernel }) => kernel.nftTableAdd(op.table, op.bridge, op.subnet, op.uplinks ?? []),
  "nft-table-delete": (op, { kernel }) => kernel.nftTableDelete(op.table),
  "uplinks-close": (op, { kernel }) => kernel.uplinksClose(op.table),
  "nft-ports-add": (op, { kernel }) => kernel.nftPortsAdd(op.table, op.ports),
  "nft-ports-delete": (op, { kernel }) => kernel.nftPortsDelete(op.table, op.ports),
  "holder-start": (op, { kernel, handles, onHelperEvent }) => {
    handles.holder = startHolder(kernel, op, onHelperEvent);
  },
  "container-start": (op, { kernel, handles, onHelperEvent }) => {
    handles.containers.set(op.name, startContainer(kernel, op, handles.holder, onHelperEvent));
  },
  "container-exec": (op, { kernel, handles, onHelperEvent }) =>
    execContainer(kernel, op, handles, onHelperEvent),
};

function act(op: HostOp, options: ExecuteOptions): void {
  (ACTS[op.op] as Act<HostOp["op"]>)(op as never, options);
}

function holdAddress(op: Extract<HostOp, { op: "address-hold" }>, kernel: Kernel): void {
  kernel.ensureDirectory(op.directory, 0o700);
  kernel.createFile(`${op.directory}/${op.address}`, op.uid, 0o600);
  kernel.replaceFile(`${op.directory}/last`, op.address, 0o600);
}

function holdIdRange(op: Extract<HostOp, { op: "id-range-hold" }>, kernel: Kernel): void {
  kernel.ensureDirectory(op.directory, 0o700);
  const file = `${op.directory}/${op.first}`;
  if (kernel.readFile(file) !== op.uid) kernel.createFile(file, op.uid, 0o600);
  kernel.replaceFile(`${op.directory}/last`, String(op.first), 0o600);
}

function releaseAddress(op: Extract<HostOp, { op: "address-release" }>, options: ExecuteOptions): void {
  const { kernel } = options;
  const file = `${op.directory}/${op.address}`;
  const owner = kernel.readFile(file);
  // After a crash between hold and its journal line being acted on, the address may belong to another pod. An empty
  // file is of a command that was killed while it wrote: all who write hold the lock that we do.
  if (owner === op.uid || owner === "") kernel.unlink(file);
  const others = kernel.listDirectory(op.directory).filter((name) => /^[\d.]+$/.test(name));
  if (others.length > 0) return;
  const failures = unwind(op.teardown, options);
  if (failures[0]) throw failures[0];
}

function podSide(netns: "host" | "pod", handles: Handles) {
  return netns === "pod" ? holderOf(handles) : undefined;
}
