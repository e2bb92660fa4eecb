import { closeSync, constants, openSync, type Stats } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";
import { O_PATH, openIf } from "../kernel/by-descriptor.ts";
import { RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../kernel/constants.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { isAlive } from "../kernel/process-ref.ts";

/** makedev(1, 3) */
const NULL_DEVICE = (1 << 8) | 3;

/**
 * The container's own /dev/null, for reading and writing. Of the host's it must have no descriptor: it could change the
 * mode of that. Nor is what lies at that name opened before it is known to be the device, for the container has made it.
 */
export function openNull(name: string, process: ProcessRef): number {
  const root = openSync(`/proc/${process.pid}/root`, O_PATH | constants.O_DIRECTORY);
  try {
    const handle = find(root);
    const isNull = (found: Stats) =>
      found.isCharacterDevice() && found.rdev === NULL_DEVICE && isAlive(process);
    const fd =
      handle === undefined ? undefined : openIf(handle, isNull, constants.O_RDWR | constants.O_NOCTTY);
    if (fd === undefined) throw noNull(name);
    return fd;
  } finally {
    closeSync(root);
  }
}

function find(root: number): number | undefined {
  try {
    return loadAddon().openat2(root, "dev/null", O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function noNull(name: string): TspodError {
  return new TspodError({
    code: "TS5304",
    message: `container ${name} has no /dev/null that output could go to`,
    hint: "without -d the output comes here",
  });
}
