import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { chainIds, isDigest } from "./digest.ts";
import { whileNothingIsHeld } from "./hold.ts";
import { readDocuments } from "./image.ts";
import { parseImageConfig } from "./image-config.ts";
import { readLayerMeta } from "./layer-meta.ts";
import { withFolderLock } from "./lock.ts";
import { readRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface Collected {
  /** Digests of blobs that no image needs any more. */
  blobs: string[];
  /** Chain ids of unpacked layers that no image needs any more. */
  layers: string[];
  /** Bytes of both. */
  bytes: number;
}

/** Removes the blobs and layers that no name in the store leads to, and what interrupted downloads left. */
export function collectGarbage(
  context: StoreContext,
  options: { dryRun?: boolean; patience?: number } = {},
): Promise<Collected> {
  const { paths, addon } = context;
  return whileNothingIsHeld(
    context,
    () => withFolderLock(paths.images, addon, async () => collect(context, options.dryRun ?? false)),
    options.patience,
  );
}

function collect(context: StoreContext, dryRun: boolean): Collected {
  const { paths } = context;
  const wanted = reachable(context);
  const collected: Collected = { blobs: [], layers: [], bytes: 0 };
  const remove = (path: string) => {
    if (!dryRun) rmSync(path, { recursive: true, force: true });
  };
  for (const algorithm of names(join(paths.images, "blobs")))
    for (const hex of names(join(paths.images, "blobs", algorithm))) {
      if (wanted.blobs.has(`${algorithm}:${hex}`)) continue;
      const path = join(paths.images, "blobs", algorithm, hex);
      collected.blobs.push(`${algorithm}:${hex}`);
      collected.bytes += statSync(path).size;
      remove(path);
    }
  for (const name of names(paths.layers)) {
    if (wanted.layers.has(name)) continue;
    const folder = join(paths.layers, name);
    const meta = readLayerMeta(folder);
    collected.bytes += meta?.bytes ?? 0;
    if (meta !== undefined) collected.layers.push(meta.chainId);
    // Without its record, what an interruption leaves is no layer.
    remove(join(folder, "layer.json"));
    remove(folder);
  }
  for (const name of names(paths.ingest)) remove(join(paths.ingest, name));
  return collected;
}

/** Throws TS6030 when a manifest cannot be read: what it needs is not known then, and nothing may be removed. */
function reachable(context: StoreContext): { blobs: Set<string>; layers: Set<string> } {
  const blobs = new Set<string>();
  const layers = new Set<string>();
  // Their names may have been taken away while they were about to be used, or have gone to newer images.
  for (const id of imagesInUse(context).keys()) {
    blobs.add(id);
    for (const chainId of chainOf(context, id)) layers.add(bare(chainId));
  }
  for (const record of readRecords(context.paths)) {
    const { manifest, chain } = readDocuments(context.paths, record.manifest);
    for (const { digest } of [record.manifest, manifest.config, ...manifest.layers]) blobs.add(digest);
    for (const chainId of chain) layers.add(bare(chainId));
  }
  return { blobs, layers };
}

/** The unpacked layers of an image's config; none of what is not in the store, as a folder that is run where it is. */
function chainOf({ paths }: StoreContext, id: string): string[] {
  if (!isDigest(id) || !existsSync(paths.blob(id))) return [];
  return chainIds(parseImageConfig(readFileSync(paths.blob(id)), `image config ${id}`).diffIds);
}

function bare(digest: string): string {
  return digest.replace(/^[^:]+:/, "");
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
