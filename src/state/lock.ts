import { closeSync, fstatSync, mkdirSync, openSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { loadAddon } from "../kernel/load-addon.ts";

/** A held flock(2). Its holder's life is the liveness of the work: the kernel frees it when the process ends, however it ends. */
export interface Lock {
  release(): void;
}

/** undefined when somebody else holds it; with `wait` it blocks the thread until it is free. */
export function takeLock(path: string, { wait }: { wait: boolean }): Lock | undefined {
  for (;;) {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const fd = openSync(path, "a", 0o600);
    try {
      if (!loadAddon().flock(fd, "exclusive", !wait)) {
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
