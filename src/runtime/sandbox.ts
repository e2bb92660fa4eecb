import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { execute, unwind } from "../engine/execute.ts";
import { closeHandles, type Handles, newHandles } from "../engine/handles.ts";
import { Journal } from "../engine/journal.ts";
import type { TspodError } from "../errors/tspod-error.ts";
import { namespaceLinks } from "../kernel/namespaces.ts";
import type { HostOp } from "../plan/host-op.ts";
import { withLock } from "../state/lock.ts";
import type { PodPaths } from "../state/paths.ts";
import type { SandboxRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import type { Host } from "./host.ts";

/** A sandbox as one command holds it: descriptors of the holder, and where each step's undo is written. */
export interface Sandbox {
  paths: PodPaths;
  handles: Handles;
  journal: Journal;
}

/** Serialises what the pods of one root share: address pool, bridge, table. */
export function networkLock(host: Host): string {
  return join(host.paths.run, "network", "lock");
}

/**
 * CRI RunPodSandbox: carries out the plan and records what came of it. The caller holds the pod's lock and, when
 * there is a network, the network's.
 */
export function runSandbox(
  host: Host,
  paths: PodPaths,
  plan: { ops: HostOp[]; record: SandboxRecord; address: string },
): Sandbox {
  mkdirSync(join(paths.lib, ".."), { recursive: true, mode: 0o711 });
  mkdirSync(join(paths.logs, ".."), { recursive: true, mode: 0o755 });
  const sandbox = {
    paths,
    handles: newHandles(paths.uid, plan.address),
    journal: new Journal(host.kernel, paths.journal),
  };
  runOps(host, sandbox, plan.ops);
  const infra = sandbox.handles.holder?.process;
  writeSandbox(paths, {
    ...plan.record,
    ...(infra ? { infra, namespaces: namespaceLinks(infra.pid) } : {}),
  });
  return sandbox;
}

/** A sandbox that somebody else has made, to start containers in; undefined when its holder is gone. */
export function openSandbox(host: Host, paths: PodPaths, record: SandboxRecord): Sandbox | undefined {
  const pidfd = record.infra && host.kernel.openProcess(record.infra);
  if (record.infra === undefined || pidfd === undefined) return undefined;
  const handles = newHandles(paths.uid, record.ip);
  handles.holder = { process: record.infra, pidfd, events: -1, gate: -1 };
  return { paths, handles, journal: new Journal(host.kernel, paths.journal) };
}

/** Carries out more ops of a sandbox (a container's), timed by kind. */
export function runOps(host: Host, sandbox: Sandbox, ops: readonly HostOp[]): void {
  execute(ops, {
    kernel: host.kernel,
    handles: sandbox.handles,
    journal: sandbox.journal,
    ...(host.timing
      ? { onStep: (op: HostOp, _: number, ns: bigint) => host.timing?.(`op:${op.op}`, ns) }
      : {}),
  });
}

/** Lets go of the descriptors; the pod lives on. */
export function releaseSandbox(host: Host, sandbox: Sandbox): void {
  closeHandles(host.kernel, sandbox.handles);
}

/** Undo ops that a stopped pod needs no more; its folders (records, logs) stay until it is removed. */
const STOPS = new Set<HostOp["op"]>([
  "kill-all",
  "nft-ports-delete",
  "address-release",
  "id-range-release",
  "cgroup-remove",
  "cgroup-remove-if-empty",
  "umount",
  "umount-below",
]);

/**
 * CRI StopPodSandbox: kills what is left, gives back address, ports and cgroups. Can be repeated. Returns what
 * failed.
 */
export function stopSandbox(host: Host, paths: PodPaths): TspodError[] {
  return undo(host, paths, (op) => STOPS.has(op.op));
}

/**
 * CRI RemovePodSandbox: the whole journal backwards; nothing of the pod is left but its record's folder. Can be
 * repeated.
 */
export function undoSandbox(host: Host, paths: PodPaths): TspodError[] {
  return undo(host, paths, () => true);
}

/**
 * Takes back what a new sandbox of the same pod makes anew: processes, cgroups, address, ports, `/dev/shm`, `/etc` files.
 * Logs and the records of the containers stay, and of the volumes the folders in `keep`. Can be repeated.
 */
export function undoForNewSandbox(host: Host, paths: PodPaths, keep: readonly string[]): TspodError[] {
  const kept = [...keep, paths.claims, paths.logs, paths.containers, join(paths.lib, "containers")];
  const isKept = (path: string) =>
    path === paths.lib ||
    path === paths.volumes ||
    kept.some((folder) => path === folder || path.startsWith(`${folder}/`));
  return undo(host, paths, (op) => {
    // What is mounted in volumes shows the ids that the pod had.
    if (op.op === "id-range-release") return false;
    if ("path" in op) return !isKept(op.path);
    return !("target" in op) || !isKept(op.target);
  });
}

function undo(host: Host, paths: PodPaths, wanted: (op: HostOp) => boolean): TspodError[] {
  const { kernel } = host;
  const handles = newHandles(paths.uid, "");
  const ops = new Journal(kernel, paths.journal).undo().filter(wanted);
  const cgroup = readSandbox(paths)?.cgroup ?? "";
  // Everything dies at once, before the first folder goes: the rest of the list finds no process in its way.
  const first: HostOp[] = cgroup === "" ? [] : [{ op: "kill-all", cgroup }];
  return [...first, ...ops].flatMap((op) => {
    const begun = process.hrtime.bigint();
    const act = () => unwind([op], { kernel, handles });
    const failures = op.op === "address-release" ? withLock(networkLock(host), act) : act();
    host.timing?.(`undo:${op.op}`, process.hrtime.bigint() - begun);
    return failures;
  });
}
