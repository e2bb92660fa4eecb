import { existsSync, statSync } from "node:fs";
import { basename } from "node:path";
import type { DaemonRecord } from "../state/daemon-files.ts";

/** The code that a process runs. */
export type Build = DaemonRecord["build"];

/** Ours: one file, whose name carries a hash of what is in it. */
export function thisBuild(): Build {
  const file = import.meta.filename;
  return { file, builtAt: statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0 };
}

/**
 * Whether a daemon of the one is to make room for one of the other: its files are gone, and some of them it reads only
 * when it needs them; or the other is newer. Two that are installed side by side do not take turns.
 */
export function isOutdated(running: Build, ours: Build): boolean {
  if (running.file === ours.file) return false;
  if (!existsSync(running.file)) return true;
  return basename(running.file) !== basename(ours.file) && running.builtAt < ours.builtAt;
}
