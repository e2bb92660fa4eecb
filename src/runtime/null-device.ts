import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { TspodError } from "../errors/tspod-error.ts";
import { RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS } from "../kernel/constants.ts";
import type { ProcessRef } from "../kernel/kernel.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { isAlive } from "../kernel/process-ref.ts";

/** open(2): a handle of the name itself, whatever it is; not in node:fs. */
const O_PATH = 0o10000000;
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
    if (handle === undefined) throw noNull(name);
    try {
      const found = fstatSync(handle);
      if (!found.isCharacterDevice() || found.rdev !== NULL_DEVICE || !isAlive(process)) throw noNull(name);
      return openSync(`/proc/self/fd/${handle}`, constants.O_RDWR | constants.O_NOCTTY);
    } finally {
      closeSync(handle);
    }
  } finally {
    closeSync(root);
  }
}

function find(root: number): number | undefined {
  try {
    return loadAddon().openat2(root, "dev/null", O_PATH, 0, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
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
