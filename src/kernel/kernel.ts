import type { HostNetwork } from "../net/index.ts";
import type { ContainerOp } from "../plan/container-op.ts";
import type { Netns, PortMapping } from "../plan/host-op.ts";

/** A process referred to safely: pid *and* start time (field 22 of /proc/<pid>/stat, clock ticks since boot). */
export interface ProcessRef {
  pid: number;
  startTime: string;
}

/** What the helper reports; see docs/protocol.md. */
export type HelperEvent =
  | { kind: "step"; step: number; time: bigint }
  | { kind: "fail"; step: number; errno: string; syscall: string; detail: bigint; time: bigint }
  | { kind: "cloned"; pid: number; time: bigint }
  | { kind: "gate"; step: number; time: bigint }
  | { kind: "exec"; step: number; time: bigint }
  | { kind: "exited"; code: number; signal: number; time: bigint }
  | { kind: "paused"; time: bigint }
  | { kind: "started"; time: bigint };

/** A running helper, with our ends of its pipes. */
export interface Helper {
  process: ProcessRef;
  pidfd: number;
  /** Read end of the event pipe, -1 once closed. */
  events: number;
  /** Write end of the gate, -1 once closed or when there is none. */
  gate: number;
}

export interface HelperSpec {
  /** argv[0], as `ps` shows it: `/pause`, `tspod-monitor`. */
  title: string;
  ops: readonly ContainerOp[];
  /** CLONE_NEW* for the process itself (the holder). */
  flags: number;
  /** v2 cgroup directory to be born in, or "". */
  cgroup: string;
  /** Descriptors 6 and up, already open. */
  fds: number[];
  /** Descriptors 0 to 2; /dev/null where -1 or absent. */
  stdio?: [number, number, number];
  trace?: boolean;
}

/**
 * The one interface to the system. `native.ts` is the real one; `fake.ts` keeps everything in memory and can
 * fail at any call. Both pass the same conformance tests. All calls are synchronous and throw an Error with
 * `code`, `syscall` and, where there is one, `path`.
 */
export interface Kernel {
  // files
  /** Mode as given, whatever the umask; parents must be there; an existing folder is EEXIST. */
  makeDirectory(path: string, mode: number, gid?: number): void;
  ensureDirectory(path: string, mode: number): void;
  /** A folder that, unless it is there, appears with this very mode; its parent must be there. */
  ensureExact(path: string, mode: number): void;
  /** Gives a folder and all below it to a group that may read and write; follows no symlink, crosses no mount. */
  fsGroup(path: string, gid: number, onlyOnMismatch: boolean): void;
  rename(from: string, to: string): void;
  ensureFile(path: string, mode: number): void;
  /** Removes what is there, without following symlinks or crossing mounts; nothing there is fine. */
  removeTree(path: string): void;
  /** A new file (O_EXCL); mode as given, whatever the umask. */
  createFile(
    path: string,
    data: string | Uint8Array,
    mode: number,
    owner?: { uid: number; gid: number },
  ): void;
  /** Creates or replaces, by temporary name and rename. */
  replaceFile(path: string, data: string, mode: number): void;
  appendFile(path: string, data: string): void;
  symlink(target: string, path: string): void;
  /** Nothing there is fine. */
  unlink(path: string): void;
  readFile(path: string): string | undefined;
  listDirectory(path: string): string[];
  // mounts
  mountTmpfs(target: string, flags: number, data: string): void;
  /** nosuid, nodev. */
  mountHugetlbfs(target: string, data: string): void;
  /** Read-only, nosuid, nodev, noexec; the layers top first. */
  /** `pid`: of a process in the user namespace whose ids the files are shown with. */
  mountOverlay(target: string, lowers: readonly string[], pid?: number): void;
  /** Not mounted is fine. */
  unmount(target: string): void;
  /** What is mounted at the path and below, but for `keep`; what is in use only with `detach`. */
  unmountBelow(path: string, options: { keep: readonly string[]; detach: boolean }): void;
  // cgroups
  cgroupCreate(path: string, shared: boolean): void;
  cgroupWrite(file: string, value: string): void;
  cgroupDevices(path: string, program: string): void;
  /** Kills what is inside (if anything), waits until it is empty and removes the folder and those below. */
  cgroupRemove(path: string): void;
  cgroupRemoveIfEmpty(path: string): void;
  cgroupKill(path: string): void;
  // network
  bridgeAdd(name: string, address: string, prefixLength: number): void;
  linkDelete(name: string): void;
  vethAdd(pod: Helper, name: string, bridge: string, peer: string, podAddress: string): void;
  linkUp(pod: Helper | undefined, netns: Netns, name: string): void;
  addressAdd(
    pod: Helper | undefined,
    netns: Netns,
    name: string,
    address: string,
    prefixLength: number,
  ): void;
  routeDefault(pod: Helper | undefined, netns: Netns, gateway: string, name: string): void;
  sysctlSet(key: string, value: string): void;
  nftTableAdd(table: string, bridge: string, subnet: string, uplinks: string[]): void;
  nftTableDelete(table: string): void;
  /** Switches forwarding off on the table's uplinks, but for those another tspod's table names. */
  uplinksClose(table: string): void;
  nftPortsAdd(table: string, ports: readonly PortMapping[]): void;
  nftPortsDelete(table: string, ports: readonly PortMapping[]): void;
  /** Links, addresses and routes of the host, as `networkFor` wants them. */
  hostNetwork(): HostNetwork;
  /** Closes the netlink sockets kept open for a pod or (undefined) for the host. */
  netClose(pod?: Helper): void;
  /** Loads an AppArmor profile by apparmor_parser(8). */
  appArmorLoad(text: string): void;
  // processes
  openDirectory(path: string): number;
  openWrite(path: string): number;
  /** A namespace of a process that runs, as setns(2) and mount_setattr(2) take it: `user`, `mnt` … */
  openNamespace(pid: number | "self", kind: string): number;
  close(fd: number): void;
  startHelper(spec: HelperSpec): Helper;
  /** The next event; "end" when the pipe has been closed at the other side; "timeout". Milliseconds. */
  nextEvent(helper: Helper, timeoutMs: number): HelperEvent | "end" | "timeout";
  /** Lets a helper through its gate. */
  openGate(helper: Helper): void;
  /** Closes our ends of the pipes (an unopened gate makes the helper give up) and the pidfd. */
  release(helper: Helper): void;
  startTime(pid: number): string | undefined;
  /** undefined when the process is gone or its pid belongs to another one now. */
  openProcess(process: ProcessRef): number | undefined;
  signal(pidfd: number, signal: number): void;
  /** Whether the process behind a pidfd has ended, waiting at most so long. */
  ended(pidfd: number, timeoutMs: number): boolean;
  /**
   * Calls back once, from the event loop, when the process behind the pidfd has ended; returns a function that
   * cancels.
   */
  onEnd(pidfd: number, callback: () => void): () => void;
}
