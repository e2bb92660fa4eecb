import { rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Paths } from "./paths.ts";

/** The daemon's own files; they go with it. */
export interface DaemonPaths {
  folder: string;
  /** Held with flock(2) as long as a daemon lives. */
  lock: string;
  /** Its API (docs/api.md). */
  socket: string;
  /** What it could not do, and why it died if it did. */
  log: string;
}

export function daemonPaths({ run }: Paths): DaemonPaths {
  const folder = join(run, "daemon");
  return {
    folder,
    lock: join(folder, "lock"),
    socket: join(folder, "tspod.sock"),
    log: join(folder, "log"),
  };
}

/**
 * For the holder of the lock. From the moment its file is gone the next daemon can take a lock of its own and put its
 * files here: then the folder is that one's, and stays.
 */
export function removeDaemonFiles(paths: DaemonPaths): void {
  for (const file of [paths.socket, paths.log, paths.lock]) rmSync(file, { force: true });
  try {
    rmdirSync(paths.folder);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== "ENOENT" && code !== "ENOTEMPTY") throw error;
  }
}
