import { closeSync, constants, openSync, readSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import { O_PATH, openIf } from "../kernel/by-descriptor.ts";
import { RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../kernel/constants.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { emptyDirPath } from "../plan/volume/empty-dir.ts";

/** The API's limit of an env file. */
const MAX_BYTES = 64 << 10;

/**
 * The content of a file in an emptyDir, undefined when it is not there. Containers have made it: links are resolved inside the
 * volume, and nothing but a regular file of reasonable size is read.
 */
export function readEnvFile(volumes: string, volume: string, path: string): string | undefined {
  const folder = openSync(emptyDirPath(volumes, volume), constants.O_DIRECTORY);
  try {
    return readText(loadAddon().openat2(folder, path, O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS));
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  } finally {
    closeSync(folder);
  }
}

function readText(handle: number): string {
  const fd = openIf(handle, (found) => found.isFile(), constants.O_RDONLY);
  if (fd === undefined) throw new Error("it is not a regular file");
  try {
    return readRegular(fd);
  } finally {
    closeSync(fd);
  }
}

function readRegular(fd: number): string {
  const bytes = Buffer.alloc(MAX_BYTES + 1);
  let length = 0;
  for (let got = -1; got !== 0 && length < bytes.length; length += got)
    got = readSync(fd, bytes, length, bytes.length - length, null);
  if (length > MAX_BYTES) throw new Error("it has more than 64 KiB");
  return bytes.toString("utf8", 0, length);
}
