import { constants, openSync } from "node:fs";

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

/** Undefined when what it is about is gone, or something else by now. */
export function unlessGone<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(code)) return undefined;
    throw error;
  }
}
