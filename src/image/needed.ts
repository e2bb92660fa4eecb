import { existsSync, readFileSync } from "node:fs";
import { chainIds, isDigest } from "./digest.ts";
import { readDocuments } from "./image.ts";
import { parseImageConfig } from "./image-config.ts";
import type { ImageRecord } from "./records.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

/**
 * What must stay in the store for these names, and for what is running: digests of blobs and chain ids of layers,
 * without their algorithms, as the folders are named.
 * Throws TS6030 when a manifest cannot be read: what it needs is not known then, and nothing may be removed.
 */
export function neededBy(context: StoreContext, records: readonly ImageRecord[]): Set<string> {
  const needed = new Set<string>();
  // Their names may have been taken away while they were about to be used, or have gone to newer images.
  for (const id of imagesInUse(context).keys())
    for (const digest of [id, ...chainOf(context, id)]) needed.add(bare(digest));
  for (const record of records) {
    const { manifest, chain } = readDocuments(context.paths, record.manifest);
    for (const { digest } of [record.manifest, manifest.config, ...manifest.layers]) needed.add(bare(digest));
    for (const chainId of chain) needed.add(bare(chainId));
  }
  return needed;
}

/** The unpacked layers of an image's config; none of what is not in the store, as a folder that is run where it is. */
function chainOf({ paths }: StoreContext, id: string): string[] {
  if (!isDigest(id) || !existsSync(paths.blob(id))) return [];
  return chainIds(parseImageConfig(readFileSync(paths.blob(id)), `image config ${id}`).diffIds);
}

function bare(digest: string): string {
  return digest.replace(/^[^:]+:/, "");
}
