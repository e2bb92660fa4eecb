import { join } from "node:path";
import type { Paths } from "../state/paths.ts";

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
