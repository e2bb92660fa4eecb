import type { ContainerOp } from "./container-op.ts";

/** Which network namespace a network op acts in. */
export type Netns = "host" | "pod";

/** One published port: traffic to `hostIP:hostPort` goes to `podIP:containerPort`. */
export interface PortMapping {
  protocol: "TCP" | "UDP";
  /** "" means every address of the host. */
  hostIP: string;
  hostPort: number;
  podIP: string;
  containerPort: number;
}

/**
 * Operations carried out on the host by the engine, in order, through the kernel interface.
 * Each is data: it can be printed, journalled, undone (see `undoOf`), narrated and failed on purpose.
 * Every name follows from the pod's uid, so that removal needs no memory of the run.
 */
export type HostOp =
  // ---- files --------------------------------------------------------------------------------------
  /** Mode as given (the umask does not count); an existing folder is an error. */
  | { op: "mkdir"; path: string; mode: number; gid?: number }
  /** A folder that may be there already and that outlives the pod (hostPath `DirectoryOrCreate`): no undo. */
  | { op: "ensure-directory"; path: string; mode: number }
  | { op: "ensure-file"; path: string; mode: number }
  | { op: "remove-tree"; path: string }
  /** A new file; one that is there already is an error. `encoding` base64 carries any bytes. */
  | {
      op: "write-file";
      path: string;
      data: string;
      encoding?: "base64";
      mode: number;
      uid?: number;
      gid?: number;
    }
  | { op: "symlink"; path: string; target: string }
  | { op: "unlink"; path: string }
  /** rename(2) in one folder: who looks sees the old or the new, never neither (`..data` of projections). */
  | { op: "rename"; from: string; to: string }
  /**
   * The folder of a claim and, at `record`, the claim itself, each made unless it is there; both outlive the pod:
   * no undo.
   */
  | { op: "claim-ensure"; path: string; mode: number; record: string; data: string }
  /**
   * Gives a folder and all below it to a group that may read and write (fsGroup), following no symlink;
   * `onlyOnMismatch`: not if the folder itself is the group's.
   */
  | { op: "fs-group"; path: string; gid: number; onlyOnMismatch: boolean }
  /**
   * Takes a range of the host's ids for the pod's user namespace (an exclusive file named after its first id, holding the
   * uid). One that the pod has already is fine.
   */
  | { op: "id-range-hold"; directory: string; first: number; size: number; uid: string }
  | { op: "id-range-release"; directory: string; first: number; size: number; uid: string }
  // ---- mounts on the host (pod-wide tmpfs) --------------------------------------------------------
  | { op: "mount-tmpfs"; target: string; flags: number; data: string }
  /** Huge pages as files: nosuid, nodev. */
  | { op: "mount-hugetlbfs"; target: string; data: string }
  /**
   * A read-only overlay of layers, top first, nosuid, nodev, noexec; `mapped`: their files shown with the ids of the pod's
   * user namespace.
   */
  | { op: "mount-overlay"; target: string; lowers: readonly string[]; mapped: boolean }
  | { op: "umount"; target: string }
  /**
   * Nothing yet: containers may mount below the path, and its undo, an `umount-below` of the same fields, takes that
   * away.
   */
  | { op: "expect-mounts"; path: string; keep: string[]; detach: boolean }
  /**
   * Unmounts what is mounted at the path and below and is not among `keep` (a point stands there once for each mount);
   * what is in use only with `detach`.
   */
  | { op: "umount-below"; path: string; keep: string[]; detach: boolean }
  // ---- cgroups ------------------------------------------------------------------------------------
  /** mkdir in a cgroup hierarchy; one that is there already is an error unless `shared`. */
  | { op: "cgroup-create"; path: string; shared: boolean }
  /** Writes one value; `because` names the manifest field that asked for it. */
  | { op: "cgroup-set"; path: string; value: string; because: string }
  /** Attaches a device program (hex of struct bpf_insn[]) to a v2 cgroup. */
  | { op: "cgroup-devices-bpf"; path: string; program: string }
  /**
   * Kills all that is left inside (cgroup.kill, or signals until empty) and removes the folder and those below;
   * gone is fine.
   */
  | { op: "cgroup-remove"; path: string }
  | { op: "cgroup-remove-if-empty"; path: string }
  // ---- network ------------------------------------------------------------------------------------
  /**
   * Takes the pod's address in the pool (an exclusive file named after the address, holding the uid). Its undo is
   * `address-release` with the same `teardown`.
   */
  | { op: "address-hold"; directory: string; address: string; uid: string; teardown: HostOp[] }
  /** Gives it back; when it was the last, `teardown` removes what the pods shared (bridge, table, sysctls). */
  | { op: "address-release"; directory: string; address: string; uid: string; teardown: HostOp[] }
  /** Shared: one that is there already, with this address, is fine. */
  | { op: "bridge-add"; name: string; address: string; prefixLength: number }
  | { op: "link-delete"; name: string }
  | { op: "veth-add"; name: string; bridge: string; peer: string }
  | { op: "link-up"; netns: Netns; name: string }
  | { op: "address-add"; netns: Netns; name: string; address: string; prefixLength: number }
  | { op: "route-default"; netns: Netns; gateway: string; name: string }
  /**
   * Host sysctl below /proc/sys of one link: the bridge's go with it, those of uplinks are taken back by
   * `uplinks-close`.
   */
  | { op: "sysctl-set"; key: string; value: string }
  /**
   * Switches forwarding off again on the links that the table names as its uplinks; those that other tspods' tables
   * name too are left to them.
   */
  | { op: "uplinks-close"; table: string }
  /**
   * Our own nftables table, whole, in one transaction; shared: one that is there already is fine. `uplinks`: links
   * that forward only because of us (the table is their record); between them nothing is forwarded.
   */
  | { op: "nft-table-add"; table: string; bridge: string; subnet: string; uplinks?: string[] }
  | { op: "nft-table-delete"; table: string }
  | { op: "nft-ports-add"; table: string; ports: PortMapping[] }
  | { op: "nft-ports-delete"; table: string; ports: PortMapping[] }
  /** Loads an AppArmor profile; one of that name is replaced. It stays: other pods' processes may have it. */
  | { op: "apparmor-load"; profile: string; text: string }
  // ---- processes ----------------------------------------------------------------------------------
  // Starts the holder with new namespaces and waits until it sleeps.
  /** `cgroup`: v2 folder to be born in, or ""; `kill`: the pod's folder, emptied on undo. */
  | { op: "holder-start"; flags: number; cgroup: string; kill: string; ops: ContainerOp[] }
  | {
      op: "container-start";
      name: string;
      /** Folder of this attempt, for the exit record. */
      directory: string;
      logDirectory: string;
      /** Where the container itself lives; killed as a whole on undo. */
      cgroup: string;
      /** v2 cgroup the monitor is born in, or "". */
      monitorCgroup: string;
      /** Descriptors from 6 on, opened by the engine and named by kind. */
      fds: ContainerFd[];
      ops: ContainerOp[];
    }
  /** Lets the container through its gate and waits until execve(2) has succeeded. */
  | { op: "container-exec"; name: string }
  /** Kills by cgroup (holder and everything else of the pod) and waits until all are gone. */
  | { op: "kill-all"; cgroup: string };

export type ContainerFd =
  | { fd: number; kind: "holder" }
  | { fd: number; kind: "directory"; path: string }
  | { fd: number; kind: "cgroup"; path: string }
  | { fd: number; kind: "write"; path: string }
  /** A pidfd of a process: its pid and start time. */
  | { fd: number; kind: "process"; process: { pid: number; startTime: string } }
  /** The pod's user namespace, and the mount namespace of tspod itself. */
  | { fd: number; kind: "user-namespace" }
  | { fd: number; kind: "own-mounts" };
