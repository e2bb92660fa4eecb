import { statSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../kernel/names-in.ts";
import { idOf } from "./find.ts";
import { readLayerMeta } from "./layer-meta.ts";
import { neededBy } from "./needed.ts";
import { readRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface Usage {
  images: number;
  /** Images that a pod uses. */
  active: number;
  blobs: { count: number; bytes: number };
  /** Unpacked layers; bytes of their contents. */
  layers: { count: number; bytes: number };
  /** What `prune --all` would free: blobs and layers that only unused images need. */
  reclaimable: number;
}

/** How much room the store takes. */
export function storeUsage(context: StoreContext): Usage {
  const { paths } = context;
  const blobs = sizes(
    join(paths.images, "blobs/sha256"),
    (path) => statSync(path, { throwIfNoEntry: false })?.size ?? 0,
  );
  const layers = sizes(paths.layers, (path) => readLayerMeta(path)?.bytes ?? 0);
  const used = imagesInUse(context);
  const records = readRecords(paths);
  const digests = new Set(records.map(({ manifest }) => manifest.digest));
  const active = new Set(
    records.filter((record) => used.has(idOf(context, record) ?? "")).map(({ manifest }) => manifest.digest),
  );
  const needed = neededBy(
    context,
    records.filter(({ manifest }) => active.has(manifest.digest)),
  );
  const free = [...blobs, ...layers].filter(([name]) => !needed.has(name));
  return {
    images: digests.size,
    active: active.size,
    blobs: { count: blobs.size, bytes: total(blobs.values()) },
    layers: { count: layers.size, bytes: total(layers.values()) },
    reclaimable: total(free.map(([, bytes]) => bytes)),
  };
}

function sizes(folder: string, size: (path: string) => number): Map<string, number> {
  return new Map(namesIn(folder).map((name) => [name, size(join(folder, name))]));
}

function total(values: Iterable<number>): number {
  return [...values].reduce((sum, value) => sum + value, 0);
}
