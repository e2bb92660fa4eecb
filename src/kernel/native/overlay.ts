import { closeSync, constants, openSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
import type { Addon } from "../addon.ts";
import { O_PATH } from "../by-descriptor.ts";
import {
  MOUNT_ATTR_NODEV,
  MOUNT_ATTR_NOEXEC,
  MOUNT_ATTR_NOSUID,
  MOUNT_ATTR_RDONLY,
  MS_NODEV,
  MS_NOEXEC,
  MS_NOSUID,
  MS_RDONLY,
} from "../constants.ts";

const AT_FDCWD = -100;
const OPEN_TREE_CLONE = 1;

/** A read-only overlay of layers, top first, nosuid, nodev, noexec. */
export function mountOverlay(addon: Addon, target: string, lowers: readonly string[]): void {
  const fs = addon.fsopen("overlay");
  try {
    if (addOneByOne(addon, fs, lowers)) attach(addon, fs, target);
    else byNumber(addon, target, lowers);
  } finally {
    closeSync(fs);
  }
}

/**
 * Hands over the layers as detached mounts that show the ids of a user namespace, by their names in /proc/self/fd. An
 * overlay takes detached mounts as layers from Linux 6.15 on (EINVAL before).
 */
export function withMapped(
  addon: Addon,
  lowers: readonly string[],
  namespace: number,
  use: (lowers: readonly string[]) => void,
): void {
  const mounts: number[] = [];
  try {
    for (const lower of lowers) {
      const mount = addon.openTree(AT_FDCWD, lower, OPEN_TREE_CLONE);
      mounts.push(mount);
      addon.mountIdMap(mount, namespace);
    }
    use(mounts.map((mount) => `/proc/self/fd/${mount}`));
  } finally {
    for (const mount of mounts) closeSync(mount);
  }
}

/** False on a kernel before 6.8, which does not know "lowerdir+", and for a path over 255 bytes. */
function addOneByOne(addon: Addon, fs: number, lowers: readonly string[]): boolean {
  try {
    for (const lower of lowers) addon.fsconfig(fs, "lowerdir+", lower);
    return true;
  } catch (error) {
    if (hasCode(error, "EINVAL")) return false;
    throw error;
  }
}

function attach(addon: Addon, fs: number, target: string): void {
  addon.fsconfig(fs, "source", "overlay");
  addon.fsconfig(fs, "ro", null);
  addon.fsconfigCreate(fs);
  const attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  const mount = addon.fsmount(fs, attributes);
  try {
    addon.moveMount(mount, AT_FDCWD, target, 0);
  } finally {
    closeSync(mount);
  }
}

/**
 * mount(2) has one page for its options: the layers are named by open descriptors. Not relative to /proc/self/fd, as the
 * helper does it, since the working folder is the whole process's: about 225 layers fit.
 */
function byNumber(addon: Addon, target: string, lowers: readonly string[]): void {
  const fds: number[] = [];
  try {
    for (const lower of lowers) fds.push(openSync(lower, O_PATH | constants.O_DIRECTORY));
    const options = `lowerdir=${fds.map((fd) => `/proc/self/fd/${fd}`).join(":")}`;
    addon.mount("overlay", target, "overlay", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, options);
  } finally {
    for (const fd of fds) closeSync(fd);
  }
}
