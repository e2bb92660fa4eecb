import { lstatSync } from "node:fs";

/** Whether there is something of that name, be it a link that leads nowhere, or what we may not look at. */
export function hasPath(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch (error) {
    return !["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "");
  }
}
