import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../errors/errno.ts";
import type { Addon } from "../kernel/addon.ts";

export type Flock = Pick<Addon, "flock">;

const POLL_MS = 25;

/** Who of this process has each folder, so that only one of us polls. */
const queues = new Map<string, Promise<unknown>>();

/**
 * Runs `work` while the folder (made if missing) is locked against all other processes. flock(2) would block Node's
 * event loop, so it is polled. The lock dies with the process, whatever kills it.
 *
 * The folder may be renamed or removed by whoever held the lock before: then it is made anew and locked again.
 */
export async function withFolderLock<T>(
  folder: string,
  addon: Flock | undefined,
  work: () => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  const before = queues.get(folder);
  if (before !== undefined) onWait?.();
  const mine = Promise.resolve(before)
    .catch(() => undefined)
    .then(() => lockAndRun(folder, addon, work, onWait));
  queues.set(folder, mine);
  try {
    return await mine;
  } finally {
    if (queues.get(folder) === mine) queues.delete(folder);
  }
}

async function lockAndRun<T>(
  folder: string,
  addon: Flock | undefined,
  work: () => Promise<T>,
  onWait?: () => void,
): Promise<T> {
  for (;;) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const fd = openFolder(folder);
    if (fd === undefined) continue;
    try {
      if (!(await lock(fd, addon, onWait))) continue;
      if (!isSame(fd, folder)) continue;
      return await work();
    } finally {
      closeSync(fd);
    }
  }
}

async function lock(fd: number, addon: Flock | undefined, onWait?: () => void): Promise<boolean> {
  if (addon === undefined) return true;
  if (addon.flock(fd, "exclusive", true)) return true;
  onWait?.();
  while (!addon.flock(fd, "exclusive", true)) await sleep(POLL_MS);
  return true;
}

function openFolder(folder: string): number | undefined {
  try {
    return openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isSame(fd: number, folder: string): boolean {
  const held = fstatSync(fd, { bigint: true });
  const now = statSync(folder, { bigint: true, throwIfNoEntry: false });
  return now !== undefined && now.ino === held.ino && now.dev === held.dev;
}
