import type { ImageDocuments } from "./image.ts";
import { ensureLayer } from "./layers.ts";
import type { OnProgress } from "./progress.ts";
import type { StoreContext } from "./store.ts";

/** The unpacker keeps about two processors busy, so more at the same time would only share them. */
const AT_ONCE = 2;

/** Unpacks an image's missing layers (chain ids), several at a time; the blobs are in the store. */
export async function unpackLayers(
  context: StoreContext,
  { manifest, config, chain }: ImageDocuments,
  missing: ReadonlySet<string>,
  onProgress?: OnProgress,
): Promise<void> {
  const slots = Array.from({ length: AT_ONCE }, () => Promise.resolve());
  const works: Promise<void>[] = [];
  for (const [i, chainId] of chain.entries()) {
    if (!missing.has(chainId)) continue;
    const blob = manifest.layers[i]!;
    const lowersReady = Promise.all(works);
    lowersReady.catch(() => undefined);
    const lowers = chain.slice(0, i).reverse();
    const layer = { chainId, diffId: config.diffIds[i]!, blob, lowers, lowersReady };
    // A slot's turn comes in order, so whoever waits for the layers beneath waits for one that is under way.
    const turn = slots.shift()!;
    const work = turn.then(async () => {
      onProgress?.({ kind: "layer", digest: blob.digest, phase: "unpacking", done: 0, total: blob.size });
      await ensureLayer(context, layer, () =>
        onProgress?.({ kind: "layer", digest: blob.digest, phase: "waiting", done: 0, total: blob.size }),
      );
      onProgress?.({ kind: "layer", digest: blob.digest, phase: "done", done: blob.size, total: blob.size });
    });
    slots.push(work);
    works.push(work);
  }
  // All of them end before the first failure is told, so that nothing is left half done.
  await Promise.allSettled(works);
  await Promise.all(works);
}
