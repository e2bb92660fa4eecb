import { lstatSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";

/** Whether there is something of that name, be it a link that leads nowhere, or what we may not look at. */
export function hasPath(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return !hasCode(error, "ENOENT", "ENOTDIR");
  }
}
