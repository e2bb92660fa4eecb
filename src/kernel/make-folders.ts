import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { hasCode } from "../errors/errno.ts";

/**
 * A folder with all above it. Node says ENOENT of whatever it does not know by name, a read-only file system (EROFS) or
 * a quota (EDQUOT) among them, which looks as if another command had just taken a folder away: whoever tries again then
 * would try for ever. ENOENT of this is the truth.
 */
export function makeFolders(path: string, mode: number): void {
  try {
    mkdirSync(path, { recursive: true, mode });
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
    makeFirst(path, mode);
    throw error;
  }
}

/** The topmost of the folders that are not there. */
function makeFirst(path: string, mode: number): void {
  let first = path;
  while (!existsSync(dirname(first))) first = dirname(first);
  try {
    mkdirSync(first, { mode });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}
