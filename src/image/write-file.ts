import { randomBytes } from "node:crypto";
import { closeSync, fdatasyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Replaces a file whole: written under another name in `temporaryFolder` (same file system), synced, renamed. */
export function writeFileWhole(
  path: string,
  content: string | Uint8Array,
  temporaryFolder = dirname(path),
): void {
  const temporary = join(
    temporaryFolder,
    `.new-${process.pid}-${randomBytes(4).toString("hex")}-${basename(path)}`,
  );
  const bytes = typeof content === "string" ? Buffer.from(content) : content;
  try {
    const fd = openSync(temporary, "wx", 0o600);
    try {
      for (let written = 0; written < bytes.length; ) written += writeSync(fd, bytes, written);
      fdatasyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
