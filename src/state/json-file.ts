import { closeSync, fdatasyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";

/**
 * Writes JSON so that a reader, or a crash, sees the old content or the new, never a half: temporary name,
 * fdatasync, rename. `durable: false` leaves out the sync (files under /run do not outlive the machine).
 */
export function writeJson(path: string, value: unknown, { durable = false } = {}): void {
  const temporary = `${path}.${process.pid}.tmp`;
  const fd = openSync(temporary, "w", 0o600);
  try {
    // Not writeSync: on a disk that fills up it writes a part, and says so only by the number it returns.
    writeFileSync(fd, `${JSON.stringify(value)}\n`);
    if (durable) fdatasyncSync(fd);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, path);
}

/** As `writeJson`, for the files of a pod that another command may be removing: without its folder nothing is written. */
export function writeJsonIfThere(...written: Parameters<typeof writeJson>): void {
  try {
    writeJson(...written);
  } catch (error) {
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

/** undefined when there is no such file or it holds no JSON (a crash before schema 1 was complete). */
export function readJson<T>(path: string): T | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}
