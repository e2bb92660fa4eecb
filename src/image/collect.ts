import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../kernel/names-in.ts";
import { whileNothingIsHeld } from "./hold.ts";
import { readLayerMeta } from "./layer-meta.ts";
import { withFolderLock } from "./lock.ts";
import { neededBy } from "./needed.ts";
import { type ImageRecord, readRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";

export interface Collected {
  /** Digests of blobs that no image needs any more. */
  blobs: string[];
  /** Chain ids of unpacked layers that no image needs any more. */
  layers: string[];
  /** Bytes of both. */
  bytes: number;
}

/**
 * Removes the blobs and layers that no name in the store leads to, and what interrupted downloads left. With `ifNamed`,
 * removes nothing and says what would be removed if those were all names.
 */
export function collectGarbage(
  context: StoreContext,
  options: { ifNamed?: readonly ImageRecord[]; patience?: number } = {},
): Promise<Collected> {
  const { paths, addon } = context;
  return whileNothingIsHeld(
    context,
    () => withFolderLock(paths.images, addon, async () => collect(context, options.ifNamed)),
    options.patience,
  );
}

function collect(context: StoreContext, ifNamed?: readonly ImageRecord[]): Collected {
  const { paths } = context;
  const needed = neededBy(context, ifNamed ?? readRecords(paths));
  const collected: Collected = { blobs: [], layers: [], bytes: 0 };
  const remove = (path: string) => {
    if (ifNamed === undefined) rmSync(path, { recursive: true, force: true });
  };
  for (const algorithm of namesIn(join(paths.images, "blobs")))
    for (const hex of namesIn(join(paths.images, "blobs", algorithm))) {
      if (needed.has(hex)) continue;
      const path = join(paths.images, "blobs", algorithm, hex);
      collected.blobs.push(`${algorithm}:${hex}`);
      collected.bytes += statSync(path).size;
      remove(path);
    }
  for (const name of namesIn(paths.layers)) {
    if (needed.has(name)) continue;
    const folder = join(paths.layers, name);
    const meta = readLayerMeta(folder);
    collected.bytes += meta?.bytes ?? 0;
    if (meta !== undefined) collected.layers.push(meta.chainId);
    // Without its record, what an interruption leaves is no layer.
    remove(join(folder, "layer.json"));
    remove(folder);
  }
  for (const name of namesIn(paths.ingest)) remove(join(paths.ingest, name));
  return collected;
}
