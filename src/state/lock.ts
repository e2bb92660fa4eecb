import { closeSync, fstatSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { makeFolders } from "../kernel/make-folders.ts";

/**
 * A held flock(2). Its holder's life is the liveness of the work: the kernel frees it when the process ends,
 * however it ends.
 */
export interface Lock {
  release(): void;
}

/**
 * undefined when somebody else holds it; with `wait` it blocks the thread until it is free. With `make: false` also when
 * its folder is gone: whoever acts on a pod that another command removes must not make the folder anew.
 */
export function takeLock(
  path: string,
  { wait, make = true, mode = "exclusive" }: LockOptions,
): Lock | undefined {
  for (;;) {
    const fd = openLockFile(path, make);
    if (fd === undefined && !make) return undefined;
    if (fd === undefined) continue;
    try {
      if (!loadAddon().flock(fd, mode, !wait)) {
        closeSync(fd);
        return undefined;
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    if (isSameFile(fd, path)) return { release: () => closeSync(fd) };
    // Whoever held it before us has removed the file: ours locks nothing anybody else would look at.
    closeSync(fd);
  }
}

interface LockOptions {
  wait: boolean;
  make?: boolean;
  /** `shared`: beside others that share it, and against whoever has it alone. */
  mode?: "exclusive" | "shared";
}

/** undefined when the folder is not there, or was removed between being made and being used. */
function openLockFile(path: string, make: boolean): number | undefined {
  try {
    if (make) makeFolders(dirname(path), 0o700);
    return openSync(path, "a", 0o600);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function isSameFile(fd: number, path: string): boolean {
  try {
    return fstatSync(fd).ino === statSync(path).ino;
  } catch {
    return false;
  }
}

/** Runs `work` while holding the lock. */
export function withLock<T>(path: string, work: () => T): T {
  const lock = takeLock(path, { wait: true });
  try {
    return work();
  } finally {
    lock?.release();
  }
}
