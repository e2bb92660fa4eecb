import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCode } from "../errors/errno.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import type { PodPaths } from "./paths.ts";

/**
 * One step on a pod while nobody else takes one: flock(2), waited for by blocking, so `work` must not wait for anything.
 * Undefined when the pod is gone: unlike other locks it never makes the folder that it is in.
 */
export function inTurn<T>(paths: PodPaths, work: () => T): T | undefined {
  return attempt(paths, work, { wait: true })?.result;
}

/** Between two looks whether the turn is free (ms). */
const POLL = 5;

/**
 * As `inTurn`, for who looks after other pods as well: the turn may be held by a command that somebody has stopped with
 * Ctrl-Z. It is waited for without blocking the thread.
 */
export async function inTurnSoon<T>(paths: PodPaths, work: () => T): Promise<T | undefined> {
  for (;;) {
    const done = attempt(paths, work, { wait: false });
    if (done) return done.result;
    await sleep(POLL);
  }
}

/** Undefined when somebody else has the turn. */
function attempt<T>(
  paths: PodPaths,
  work: () => T,
  { wait }: { wait: boolean },
): { result: T | undefined } | undefined {
  let fd: number;
  try {
    fd = openSync(paths.turn, "a", 0o600);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return { result: undefined };
    throw error;
  }
  try {
    if (!loadAddon().flock(fd, "exclusive", !wait)) return undefined;
    return { result: isStillThere(fd, paths.turn) ? work() : undefined };
  } finally {
    closeSync(fd);
  }
}

/** A removal renames the pod's folder: what was locked then is nothing that anybody would look at. */
function isStillThere(fd: number, path: string): boolean {
  try {
    return fstatSync(fd).ino === statSync(path).ino;
  } catch {
    return false;
  }
}
