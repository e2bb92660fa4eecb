import { TspodError } from "../errors/tspod-error.ts";
import type { HelperEvent, Kernel } from "../kernel/kernel.ts";
import type { HostOp } from "../plan/host-op.ts";
import { undoOf } from "../plan/undo.ts";
import { hostOpFailed } from "./errors.ts";
import type { Handles } from "./handles.ts";
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

/** Carries out the ops in order; throws a TspodError at the first that fails. Undoing is the caller's, from the journal. */
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

function act(op: HostOp, { kernel, handles, onHelperEvent }: ExecuteOptions): void {
  switch (op.op) {
    case "mkdir":
      return kernel.makeDirectory(op.path, op.mode, op.gid);
    case "ensure-directory":
      return kernel.ensureDirectory(op.path, op.mode);
    case "ensure-file":
      return kernel.ensureFile(op.path, op.mode);
    case "remove-tree":
      return kernel.removeTree(op.path);
    case "write-file": {
      const owner = op.uid === undefined ? undefined : { uid: op.uid, gid: op.gid ?? op.uid };
      const data = op.encoding === "base64" ? Buffer.from(op.data, "base64") : op.data;
      return kernel.createFile(op.path, data, op.mode, owner);
    }
    case "symlink":
      return kernel.symlink(op.target, op.path);
    case "unlink":
      return kernel.unlink(op.path);
    case "mount-tmpfs":
      return kernel.mountTmpfs(op.target, op.flags, op.data);
    case "umount":
      return kernel.unmount(op.target);
    case "cgroup-create":
      return kernel.cgroupCreate(op.path, op.shared);
    case "cgroup-set":
      return kernel.cgroupWrite(op.path, op.value);
    case "cgroup-devices-bpf":
      return kernel.cgroupDevices(op.path, op.program);
    case "cgroup-remove":
      return kernel.cgroupRemove(op.path);
    case "cgroup-remove-if-empty":
      return kernel.cgroupRemoveIfEmpty(op.path);
    case "address-hold":
      return holdAddress(op, kernel);
    case "address-release":
      return releaseAddress(op, { kernel, handles });
    case "bridge-add":
      return kernel.bridgeAdd(op.name, op.address, op.prefixLength);
    case "link-delete":
      return kernel.linkDelete(op.name);
    case "veth-add":
      return kernel.vethAdd(holderOf(handles), op.name, op.bridge, op.peer, handles.address);
    case "link-up":
      return kernel.linkUp(podSide(op.netns, handles), op.netns, op.name);
    case "address-add":
      return kernel.addressAdd(podSide(op.netns, handles), op.netns, op.name, op.address, op.prefixLength);
    case "route-default":
      return kernel.routeDefault(podSide(op.netns, handles), op.netns, op.gateway, op.name);
    case "sysctl-set":
      return kernel.sysctlSet(op.key, op.value);
    case "uplinks-close":
      return kernel.uplinksClose(op.table);
    case "nft-table-add":
      return kernel.nftTableAdd(op.table, op.bridge, op.subnet, op.uplinks ?? []);
    case "nft-table-delete":
      return kernel.nftTableDelete(op.table);
    case "nft-ports-add":
      return kernel.nftPortsAdd(op.table, op.ports);
    case "nft-ports-delete":
      return kernel.nftPortsDelete(op.table, op.ports);
    case "holder-start":
      handles.holder = startHolder(kernel, op, onHelperEvent);
      return;
    case "container-start":
      handles.containers.set(op.name, startContainer(kernel, op, handles.holder, onHelperEvent));
      return;
    case "container-exec":
      return execContainer(kernel, op, handles, onHelperEvent);
    case "kill-all":
      return kernel.cgroupKill(op.cgroup);
  }
}

function holdAddress(op: Extract<HostOp, { op: "address-hold" }>, kernel: Kernel): void {
  kernel.ensureDirectory(op.directory, 0o700);
  kernel.createFile(`${op.directory}/${op.address}`, op.uid, 0o600);
  kernel.replaceFile(`${op.directory}/last`, op.address, 0o600);
}

function releaseAddress(op: Extract<HostOp, { op: "address-release" }>, options: ExecuteOptions): void {
  const { kernel } = options;
  const file = `${op.directory}/${op.address}`;
  // After a crash between hold and its journal line being acted on, the address may belong to another pod.
  if (kernel.readFile(file) === op.uid) kernel.unlink(file);
  const others = kernel.listDirectory(op.directory).filter((name) => name !== "last");
  if (others.length > 0) return;
  const failures = unwind(op.teardown, options);
  if (failures[0]) throw failures[0];
}

function holderOf(handles: Handles) {
  if (!handles.holder) throw new TspodError({ code: "TS5003", message: "the pod's holder is not running" });
  return handles.holder;
}

function podSide(netns: "host" | "pod", handles: Handles) {
  return netns === "pod" ? holderOf(handles) : undefined;
}
