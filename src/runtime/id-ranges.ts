import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { idRangesInUse, readIdPool } from "../kernel/host-facts/index.ts";
import { type IdRange, pickIdRange, RANGE_SIZE } from "../security/index.ts";
import type { Host } from "./host.ts";

/** Where the ranges in use are kept: a file each, named after its first id, holding the pod's uid; beside them `last`. */
export function idRangeDirectory(host: Host): string {
  return join(host.paths.run, "ids");
}

/**
 * The range of a pod with `hostUsers: false`: the one it has, else the next that is free. `id-range-hold` takes it by
 * creating its file exclusively.
 */
export function idRangeFor(host: Host, uid: string): IdRange {
  const directory = idRangeDirectory(host);
  const names = readable(() => host.kernel.listDirectory(directory), []).filter((name) => /^\d+$/.test(name));
  const own = names.find((name) => host.kernel.readFile(join(directory, name)) === uid);
  if (own !== undefined) return { first: Number(own), size: RANGE_SIZE };
  const last = readable(() => host.kernel.readFile(join(directory, "last")), undefined);
  return pickIdRange(readIdPool(), {
    taken: new Set([...names.map(Number), ...idRangesInUse()]),
    last: last === undefined ? undefined : Number(last),
    start: hash(host.paths.rootId),
  });
}

/** Without root, for a look ahead, the folder may be out of reach; then it counts as empty. */
function readable<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (!hasCode(error, "EACCES")) throw error;
    return otherwise;
  }
}

/** FNV-1a: which range is first tried matters little, but roots should differ. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const character of text) {
    value = Math.imul(value ^ character.charCodeAt(0), 0x01000193) >>> 0;
  }
  return value;
}
