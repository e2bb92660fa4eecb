import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { loadAddon } from "../kernel/load-addon.ts";
import type { PodPaths } from "./paths.ts";

/**
 * One step on a pod while nobody else takes one: flock(2), waited for by blocking, so `work` must not wait for anything.
 * Undefined when the pod is gone: unlike other locks it never makes the folder that it is in.
 */
export function inTurn<T>(paths: PodPaths, work: () => T): T | undefined {
  let fd: number;
  try {
    fd = openSync(paths.turn, "a", 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    loadAddon().flock(fd, "exclusive", false);
    return isStillThere(fd, paths.turn) ? work() : undefined;
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
