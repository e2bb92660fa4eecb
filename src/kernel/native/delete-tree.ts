import { closeSync, fstatSync, readdirSync, renameSync, rmdirSync, unlinkSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
import { openFolder, unlessGone, within } from "../by-descriptor.ts";

/** Folders below folders before the lower ones are moved up: each holds a descriptor while it is emptied. */
const MAX_DEPTH = 200;

interface Level {
  fd: number;
  /** Folders that are not empty yet. */
  folders: string[];
}

/**
 * Deletes a folder and all below it, by descriptors: what a container has made may be deeper than any path is long, have
 * names that are no text, and be swapped for links meanwhile. Throws EBUSY at another filesystem.
 */
export function deleteTree(path: string): void {
  const top = openFolder(path);
  if (top === undefined) return;
  const { dev } = fstatSync(top);
  const levels: Level[] = [{ fd: top, folders: empty(top) }];
  const unheardOf = `.deep-${process.pid}-${process.hrtime.bigint()}`;
  let moved = 0;
  try {
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const name = level.folders.pop();
      if (name === undefined) {
        levels.pop();
        closeSync(level.fd);
        const above = levels.at(-1);
        if (above) removeFolder(within(above.fd, above.folders.pop() as string));
        continue;
      }
      if (levels.length >= MAX_DEPTH) {
        const place = `${unheardOf}-${moved++}`;
        // The folders above are emptied later.
        renameSync(within(level.fd, name), within(top, place));
        (levels[0] as Level).folders.unshift(place);
        continue;
      }
      const fd = openFolder(within(level.fd, name));
      if (fd === undefined) continue;
      levels.push({ fd, folders: [] });
      refuseOther(fd, dev, path);
      // It stands there again until it is empty.
      level.folders.push(name);
      (levels.at(-1) as Level).folders = empty(fd);
    }
  } finally {
    for (const { fd } of levels) closeSync(fd);
  }
  unlessGone(() => rmdirSync(path));
}

/** Deletes what is in a folder and is no folder; the names of the folders that are left. */
function empty(fd: number): string[] {
  const entries = readdirSync(`/proc/self/fd/${fd}`, { encoding: "latin1", withFileTypes: true });
  return entries.flatMap((entry) => {
    const place = within(fd, entry.name);
    if (entry.isDirectory()) return removeFolder(place) ? [] : [entry.name];
    unlessGone(() => unlinkSync(place));
    return [];
  });
}

/** False when it is not empty, or a mount point. */
function removeFolder(path: string | Buffer): boolean {
  try {
    unlessGone(() => rmdirSync(path));
    return true;
  } catch (error) {
    if (hasCode(error, "ENOTEMPTY", "EEXIST", "EBUSY")) return false;
    throw error;
  }
}

function refuseOther(fd: number, device: number, path: string): void {
  if (fstatSync(fd).dev === device) return;
  throw Object.assign(new Error(`another filesystem is mounted below ${path}`), { code: "EBUSY", path });
}
