import { rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import { readJson, writeJson } from "./json-file.ts";
import type { Paths } from "./paths.ts";
import { SCHEMA } from "./record.ts";

/** The daemon's own files; they go with it. */
export interface DaemonPaths {
  folder: string;
  /** Held with flock(2) as long as a daemon lives. */
  lock: string;
  /** Its API (docs/api.md). */
  socket: string;
  /** Who it is, and what code it runs. */
  record: string;
  /** What it could not do, and why it died if it did. */
  log: string;
}

export function daemonPaths({ run }: Paths): DaemonPaths {
  const folder = join(run, "daemon");
  return {
    folder,
    lock: join(folder, "lock"),
    socket: join(folder, "tspod.sock"),
    record: join(folder, "daemon.json"),
    log: join(folder, "log"),
  };
}

export interface DaemonRecord {
  process: ProcessRef;
  /** The file that holds its code, and when that was written (ms since 1970). */
  build: { file: string; builtAt: number };
}

export function writeDaemonRecord({ record }: DaemonPaths, daemon: DaemonRecord): void {
  writeJson(record, { schema: SCHEMA, ...daemon });
}

/** Of the daemon that runs, or of one that was killed. */
export function readDaemonRecord({ record }: DaemonPaths): DaemonRecord | undefined {
  return readJson<DaemonRecord>(record);
}

/**
 * For the holder of the lock. From the moment its file is gone the next daemon can take a lock of its own and put its
 * files here: then the folder is that one's, and stays.
 */
export function removeDaemonFiles(paths: DaemonPaths): void {
  for (const file of [paths.socket, paths.record, paths.log, paths.lock]) rmSync(file, { force: true });
  try {
    rmdirSync(paths.folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTEMPTY")) throw error;
  }
}
