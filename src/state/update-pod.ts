import { closeSync, constants, openSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { readJson, writeJson } from "./json-file.ts";
import type { PodPaths } from "./paths.ts";
import type { PodRecord } from "./record.ts";

/**
 * Changes `pod.json` from what it is now, so that two who change it at once both see their change in it; the one way to
 * write a record that is there. `change` is given the record and must be quick: others wait. Returns the new record,
 * or undefined when the pod has been removed.
 */
export function updatePod(
  paths: Pick<PodPaths, "run" | "record" | "kept">,
  change: (record: PodRecord) => PodRecord,
): PodRecord | undefined {
  const { record, kept } = paths;
  return whileLocked(paths, () => {
    const before = readJson<PodRecord>(record);
    if (!before) return undefined;
    const after = change(before);
    if (after === before) return after;
    writeJson(record, after);
    const copy = readJson<PodRecord>(kept);
    // How the pod has ended stands in the copy alone.
    if (copy) writeJson(kept, withEnd(after, copy.endedAs), { durable: true });
    return after;
  });
}

/** Notes in the copy that outlives the machine's restart how a pod has ended; undefined when it is started again. */
export function keepEnd(paths: Pick<PodPaths, "run" | "kept">, endedAs: PodRecord["endedAs"]): void {
  whileLocked(paths, () => {
    const copy = readJson<PodRecord>(paths.kept);
    if (copy) writeJson(paths.kept, withEnd(copy, endedAs), { durable: true });
  });
}

function withEnd({ endedAs: _, ...record }: PodRecord, endedAs: PodRecord["endedAs"]): PodRecord {
  return { ...record, ...(endedAs ? { endedAs } : {}) };
}

/** While nobody else changes the record; undefined when the pod has been removed. */
function whileLocked<T>({ run }: Pick<PodPaths, "run">, work: () => T): T | undefined {
  const folder = openFolder(run);
  if (folder === undefined) return undefined;
  try {
    // The folder itself is what is locked, not the pod's `lock`, which its supervisor holds for the pod's life: a file
    // of its own would have to be made first, in a folder that another command may be removing.
    loadAddon().flock(folder, "exclusive", false);
    return work();
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  } finally {
    closeSync(folder);
  }
}

function openFolder(path: string): number | undefined {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY);
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

function isGone(error: unknown): boolean {
  return hasCode(error, "ENOENT");
}
