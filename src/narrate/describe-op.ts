import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp } from "../plan/host-op.ts";
import { describeContainerOp } from "./container-op.ts";
import { describeHostOp } from "./host-op.ts";
import type { Narration } from "./narration.ts";

const HOST_OPS = new Set<string>([
  "ensure-directory",
  "ensure-file",
  "remove-tree",
  "write-file",
  "unlink",
  "mount-tmpfs",
  "umount",
  "cgroup-create",
  "cgroup-set",
  "cgroup-devices-bpf",
  "cgroup-remove",
  "cgroup-remove-if-empty",
  "address-hold",
  "address-release",
  "bridge-add",
  "link-delete",
  "veth-add",
  "link-up",
  "address-add",
  "route-default",
  "sysctl-set",
  "uplinks-close",
  "nft-table-add",
  "nft-table-delete",
  "nft-ports-add",
  "nft-ports-delete",
  "holder-start",
  "container-start",
  "container-exec",
  "kill-all",
] satisfies Exclude<HostOp["op"], "mkdir" | "symlink">[]);

/** Any operation in words. `mkdir` and `symlink` exist on both sides and are told the same way. */
export function describeOp(op: HostOp | ContainerOp): Narration {
  return HOST_OPS.has(op.op) ? describeHostOp(op as HostOp) : describeContainerOp(op as ContainerOp);
}
