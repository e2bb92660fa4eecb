import type { HostOp } from "./host-op.ts";

/**
 * What takes back the effect of one op, to be journalled before the op acts. Every undo is idempotent: it
 * may find its object gone already, or never made.
 *
 * What the pods share (bridge, table, sysctls) goes with the last address. The veth pair goes with the
 * network namespace and so with the holder: deleting it by name would wait for the kernel's grace periods
 * (20 to 28 ms) for nothing.
 */
export function undoOf(op: HostOp): HostOp[] {
  switch (op.op) {
    case "mkdir":
      return [{ op: "remove-tree", path: op.path }];
    case "write-file":
    case "symlink":
      return [{ op: "unlink", path: op.path }];
    case "mount-tmpfs":
    case "mount-overlay":
    case "mount-hugetlbfs":
      return [{ op: "umount", target: op.target }];
    case "expect-mounts":
      return [{ ...op, op: "umount-below" }];
    case "cgroup-create":
      return [{ op: op.shared ? "cgroup-remove-if-empty" : "cgroup-remove", path: op.path }];
    case "address-hold":
      return [
        {
          op: "address-release",
          directory: op.directory,
          address: op.address,
          uid: op.uid,
          teardown: op.teardown,
        },
      ];
    case "id-range-hold":
      return [{ ...op, op: "id-range-release" }];
    case "nft-ports-add":
      return [{ op: "nft-ports-delete", table: op.table, ports: op.ports }];
    case "holder-start":
      return [{ op: "kill-all", cgroup: op.kill }];
    case "container-start":
      return [{ op: "kill-all", cgroup: op.cgroup }];
    case "ensure-directory":
    case "ensure-file":
    case "claim-ensure":
    case "fs-group":
    case "rename":
    case "remove-tree":
    case "unlink":
    case "umount":
    case "umount-below":
    case "cgroup-set":
    case "cgroup-devices-bpf":
    case "cgroup-remove":
    case "cgroup-remove-if-empty":
    case "address-release":
    case "apparmor-load":
    case "id-range-release":
    case "bridge-add":
    case "link-delete":
    case "veth-add":
    case "link-up":
    case "address-add":
    case "route-default":
    case "sysctl-set":
    case "uplinks-close":
    case "nft-table-add":
    case "nft-table-delete":
    case "nft-ports-delete":
    case "container-exec":
    case "kill-all":
      return [];
  }
}

/** The undo of a whole list: each op's undo, last op first. */
export function undoAll(ops: readonly HostOp[]): HostOp[] {
  return [...ops].reverse().flatMap(undoOf);
}
