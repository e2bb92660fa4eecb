import { closeSync, constants, existsSync, openSync } from "node:fs";
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
  { run, record, kept }: Pick<PodPaths, "run" | "record" | "kept">,
  change: (record: PodRecord) => PodRecord,
): PodRecord | undefined {
  const folder = openFolder(run);
  if (folder === undefined) return undefined;
  try {
    // The folder itself is what is locked, not the pod's `lock`, which its supervisor holds for the pod's life: a file
    // of its own would have to be made first, in a folder that another command may be removing.
    loadAddon().flock(folder, "exclusive", false);
    const before = readJson<PodRecord>(record);
    if (!before) return undefined;
    const after = change(before);
    if (after !== before) writeJson(record, after);
    if (after !== before && existsSync(kept)) writeJson(kept, after, { durable: true });
    return after;
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
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}
