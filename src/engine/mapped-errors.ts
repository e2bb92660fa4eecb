import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { mountOf } from "../kernel/mount-table.ts";
import type { ContainerOp } from "../plan/container-op.ts";

/** Failures that only pods with a user namespace of their own have, said in words; undefined for others. */
export function mappedFailure(
  who: string,
  ops: readonly ContainerOp[],
  failure: { step: number; errno: string; syscall: string },
): TspodError | undefined {
  if (!ops.some(({ op }) => op === "aside")) return undefined;
  const op = ops[failure.step];
  const { errno, syscall } = failure;
  if (op?.op === "id-map" && errno === "EINVAL") {
    const { type, point } = mountOf(op.of);
    const what = op.volume === "" ? op.of : `volume ${JSON.stringify(op.volume)} (${op.of})`;
    return new TspodError({
      code: "TS5106",
      message: `${who}: ${what} is on file system ${type} (${point}), which this kernel cannot show with the pod's ids (idmapped mounts), as hostUsers: false needs`,
      hint: "use a volume on another file system (ext4, xfs, btrfs; tmpfs from Linux 6.3 on), or leave hostUsers out",
      exitCode: ExitCode.hostNotAble,
      errno,
      syscall,
      path: op.of,
    });
  }
  if (op?.op === "overlay" && errno === "EINVAL") {
    return new TspodError({
      code: "TS5106",
      message: `${who}: this kernel cannot stack layers that are shown with the pod's ids, as hostUsers: false needs`,
      hint: "overlay can from Linux 5.19 on; on an older one leave hostUsers out",
      exitCode: ExitCode.hostNotAble,
      errno,
      syscall,
      path: op.target,
    });
  }
  if (op?.op === "fs" && errno === "EPERM" && (op.fstype === "proc" || op.fstype === "sysfs")) {
    return new TspodError({
      code: "TS5107",
      message: `${who}: the kernel refuses ${op.fstype} to the pod's user namespace: part of this machine's own ${op.target} is covered by another mount`,
      hint: "this is so where tspod itself runs in a container with masked paths; leave hostUsers out there",
      exitCode: ExitCode.hostNotAble,
      errno,
      syscall,
      path: op.target,
    });
  }
  return undefined;
}
