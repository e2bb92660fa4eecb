import { readdirSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";

/** The names in a folder, in no order; none when it is not there. What cannot be read is an error: it may be full. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  }
}
