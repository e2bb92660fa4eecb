import { closeSync, constants, openSync } from "node:fs";
import type { Addon } from "../addon.ts";
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

/** open(2): a handle of the folder that needs no permission on it; not in node:fs. */
const O_PATH = 0o10000000;
const AT_FDCWD = -100;

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

/** False on a kernel before 6.8, which does not know "lowerdir+", and for a path over 255 bytes. */
function addOneByOne(addon: Addon, fs: number, lowers: readonly string[]): boolean {
  try {
    for (const lower of lowers) addon.fsconfig(fs, "lowerdir+", lower);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EINVAL") return false;
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
