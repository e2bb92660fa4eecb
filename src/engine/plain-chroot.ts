import { readFileSync } from "node:fs";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { isMountPoint, OUT_OF_A_PLAIN_CHROOT } from "../kernel/host-facts/root-mount.ts";
import type { ContainerOp } from "../plan/container-op.ts";

/** A mount's propagation that cannot be set, said in words; undefined for other failures. */
export function plainChroot(
  who: string,
  op: ContainerOp | undefined,
  { errno, syscall }: { errno: string; syscall: string },
  mountInfo = () => readFileSync("/proc/self/mountinfo", "utf8"),
): TspodError | undefined {
  if (op?.op !== "propagation" || errno !== "EINVAL" || isMountPoint(mountInfo())) return undefined;
  return new TspodError({
    code: "TS5114",
    message: `${who}: the root directory is not a mount point, as in a plain chroot: a pod's mounts could not be kept to itself`,
    hint: OUT_OF_A_PLAIN_CHROOT,
    exitCode: ExitCode.hostNotAble,
    errno,
    syscall,
    path: "/",
  });
}
