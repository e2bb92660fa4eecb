import { closeSync, constants, fstatSync, openSync, type Stats } from "node:fs";
import { hasCode } from "../errors/errno.ts";

/**
 * What is needed to go through folders that containers write to: names are bytes (read as Latin-1 they come back as they
 * were), and each is used beneath the descriptor of its folder, so that nothing swapped above it counts.
 */
export function within(fd: number, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${fd}/${name}`, "latin1");
}

/** A folder and no link to one; undefined when it is gone, or something else by now. */
export function openFolder(path: string | Buffer): number | undefined {
  return unlessGone(() => openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW));
}

/** open(2): a handle of the name itself, whatever it is; not in node:fs. */
export const O_PATH = 0o10000000;

/**
 * A regular file for reading, undefined when its name has become anything else: a link is not followed, a pipe not waited
 * for, and a device not opened (a watchdog would start).
 */
export function openRegular(path: string | Buffer): number | undefined {
  return openIf(openSync(path, O_PATH | constants.O_NOFOLLOW), (found) => found.isFile(), constants.O_RDONLY);
}

/**
 * Opens what an O_PATH handle is of, if it is what it should be, and closes the handle. Looked at before it is opened: to
 * open a device node, which a container can make, is to use the host's device.
 */
export function openIf(
  handle: number,
  isRight: (found: Stats) => boolean,
  flags: number,
): number | undefined {
  try {
    return isRight(fstatSync(handle)) ? openSync(`/proc/self/fd/${handle}`, flags) : undefined;
  } finally {
    closeSync(handle);
  }
}

/** Undefined when what it is about is gone, or something else by now. */
export function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR", "ELOOP")) return undefined;
    throw error;
  }
}
