import { closeSync, fstatSync, lstatSync, readdirSync } from "node:fs";
import { setImmediate as nextTurn } from "node:timers/promises";
import { openFolder, unlessGone, within } from "./by-descriptor.ts";

/** Folders below folders that are looked into. What is deeper than a path can be named is not worth a descriptor each. */
const MAX_DEPTH = 1000;
/** Names looked at before the event loop gets its turn, about a millisecond's work. */
const SLICE = 200;

interface Level {
  fd: number;
  /** Folders still to be looked into. */
  folders: string[];
}

/**
 * Bytes that the files below these paths take on disk (`du -x`): blocks, not lengths, a hard link once. Leaves no
 * filesystem and follows no link, whatever is swapped meanwhile; what is not there counts nothing.
 */
export async function diskUsage(paths: readonly string[]): Promise<number> {
  const count = new Count();
  for (const path of paths) await walk(path, count);
  return count.bytes;
}

class Count {
  bytes = 0;
  #looked = 0;
  #seen = new Set<string>();

  add(stats: { blocks: number; nlink: number; dev: number; ino: number; isDirectory(): boolean }): void {
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const inode = `${stats.dev}:${stats.ino}`;
      if (this.#seen.has(inode)) return;
      this.#seen.add(inode);
    }
    this.bytes += stats.blocks * 512;
  }

  /** True when others should have their turn. */
  looked(): boolean {
    this.#looked += 1;
    return this.#looked % SLICE === 0;
  }
}

async function walk(path: string, count: Count): Promise<void> {
  const stack: Level[] = [];
  let device: number | undefined;
  /** Counts a folder's entries and remembers its folders. */
  const enter = async (fd: number) => {
    device ??= fstatSync(fd).dev;
    const level: Level = { fd, folders: [] };
    stack.push(level);
    for (const name of readdirSync(`/proc/self/fd/${fd}`, "latin1")) {
      if (count.looked()) await nextTurn();
      const stats = unlessGone(() => lstatSync(within(fd, name)));
      if (stats === undefined || stats.dev !== device) continue;
      count.add(stats);
      if (stats.isDirectory() && stack.length < MAX_DEPTH) level.folders.push(name);
    }
  };
  try {
    const top = unlessGone(() => lstatSync(path));
    if (top === undefined) return;
    count.add(top);
    if (!top.isDirectory()) return;
    await open(path, enter);
    for (let level = stack.at(-1); level; level = stack.at(-1)) {
      const name = level.folders.pop();
      if (name !== undefined) await open(within(level.fd, name), enter);
      else closeSync((stack.pop() as Level).fd);
    }
  } finally {
    for (const { fd } of stack) closeSync(fd);
  }

  async function open(folder: string | Buffer, found: (fd: number) => Promise<void>): Promise<void> {
    const fd = openFolder(folder);
    if (fd === undefined) return;
    // A folder that a mount was put upon since.
    if (device !== undefined && fstatSync(fd).dev !== device) closeSync(fd);
    else await found(fd);
  }
}
