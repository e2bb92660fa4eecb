import { readMountTable } from "../mount-table.ts";
import type { HostFact } from "./fact.ts";
import type { FactSource } from "./source.ts";

/** The way out of a root directory that is no mount point; the failure of a run has the same. */
export const OUT_OF_A_PLAIN_CHROOT =
  "before it is entered: mount --rbind DIR DIR; or from inside: mount --rbind / / && chroot /.. tspod …";

/** In a plain chroot nothing can be said about the propagation of the root's mounts (mount_namespaces(7)). */
export function rootMount(source: FactSource): HostFact {
  const ok = isMountPoint(source.read("/proc/self/mountinfo") ?? "");
  return {
    id: "mount.root",
    ok,
    level: "error",
    title: "root directory",
    detail: ok
      ? "a mount point"
      : "not a mount point, as in a plain chroot: a pod's mounts could not be kept to itself",
    hint: ok ? "" : OUT_OF_A_PLAIN_CHROOT,
  };
}

/** By the content of /proc/self/mountinfo. */
export function isMountPoint(mountInfo: string): boolean {
  return readMountTable(mountInfo).some(({ point }) => point === "/");
}
