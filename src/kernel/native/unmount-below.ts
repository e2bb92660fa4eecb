import { closeSync, constants } from "node:fs";
import { basename, dirname } from "node:path";
import { hasCode } from "../../errors/errno.ts";
import type { Addon } from "../addon.ts";
import { O_PATH } from "../by-descriptor.ts";
import { MNT_DETACH, RESOLVE_NO_SYMLINKS } from "../constants.ts";
import { mountsBelow } from "../mount-table.ts";

/** umount2(2): a symlink in the last place is an error. */
const UMOUNT_NOFOLLOW = 8;
const AT_FDCWD = -100;

/**
 * Takes away the mounts at a path and below that are not among `keep` (a point stands there once for each mount to be
 * kept), last mounted first. With `detach` also those in use, else these stay. Gone is fine.
 */
export function unmountBelow(
  addon: Addon,
  path: string,
  { keep, detach }: { keep: readonly string[]; detach: boolean },
): void {
  const left = [...keep];
  const strange = mountsBelow(path).filter((point) => {
    const index = left.indexOf(point);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
  for (const point of strange.reverse()) unmountOne(addon, point, detach ? MNT_DETACH : 0);
}

/** By its folder's descriptor: who can write there may put a symlink in the way at any time. */
function unmountOne(addon: Addon, point: string, flags: number): void {
  let folder: number | undefined;
  try {
    folder = addon.openat2(AT_FDCWD, dirname(point), O_PATH | constants.O_DIRECTORY, 0, RESOLVE_NO_SYMLINKS);
    addon.umount2(`/proc/self/fd/${folder}/${basename(point)}`, flags | UMOUNT_NOFOLLOW);
  } catch (error) {
    // EINVAL: not a mount point any more; ELOOP: the folder was replaced; EBUSY: somebody else uses it now.
    if (!hasCode(error, "EINVAL", "ENOENT", "ELOOP", "EBUSY")) throw error;
  } finally {
    if (folder !== undefined) closeSync(folder);
  }
}
