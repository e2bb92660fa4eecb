import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  unlinkSync,
} from "node:fs";

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
  ifThere(() => rmdirSync(path));
}

/** Deletes what is in a folder and is no folder; the names of the folders that are left. */
function empty(fd: number): string[] {
  // Names are bytes: as Latin-1 they come back as they were.
  const entries = readdirSync(`/proc/self/fd/${fd}`, { encoding: "latin1", withFileTypes: true });
  return entries.flatMap((entry) => {
    const place = within(fd, entry.name);
    if (entry.isDirectory()) return removeFolder(place) ? [] : [entry.name];
    ifThere(() => unlinkSync(place));
    return [];
  });
}

/** False when it is not empty, or a mount point. */
function removeFolder(path: string | Buffer): boolean {
  try {
    ifThere(() => rmdirSync(path));
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOTEMPTY" || code === "EEXIST" || code === "EBUSY") return false;
    throw error;
  }
}

function openFolder(path: string | Buffer): number | undefined {
  return ifThere(() => openSync(path, constants.O_DIRECTORY | constants.O_NOFOLLOW));
}

function refuseOther(fd: number, device: number, path: string): void {
  if (fstatSync(fd).dev === device) return;
  throw Object.assign(new Error(`another filesystem is mounted below ${path}`), { code: "EBUSY", path });
}

function within(fd: number, name: string): Buffer {
  return Buffer.from(`/proc/self/fd/${fd}/${name}`, "latin1");
}

function ifThere<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
