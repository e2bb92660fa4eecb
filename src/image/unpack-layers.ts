import type { ImageDocuments } from "./image.ts";
import { ensureLayer, isUnpacked } from "./layers.ts";
import type { OnProgress } from "./progress.ts";
import type { StoreContext } from "./store.ts";

export interface UnpackLayersOptions {
  onProgress?: OnProgress | undefined;
  /** Settles when the blob is in the store; without it, all of them are. */
  arrived?: (digest: string) => Promise<void>;
}

/** Unpacks those of an image's layers that are not unpacked yet, each as soon as its blob is there. */
export async function unpackLayers(
  context: StoreContext,
  { manifest, config, chain }: Pick<ImageDocuments, "manifest" | "config" | "chain">,
  { onProgress, arrived }: UnpackLayersOptions = {},
): Promise<void> {
  const works: Promise<void>[] = [];
  for (const [i, chainId] of chain.entries()) {
    if (isUnpacked(context, chainId)) continue;
    const blob = manifest.layers[i]!;
    const lowersReady = Promise.all(works);
    lowersReady.catch(() => undefined);
    const lowers = chain.slice(0, i).reverse();
    const tell = (phase: "unpacking" | "waiting" | "done") =>
      onProgress?.({
        kind: "layer",
        digest: blob.digest,
        phase,
        done: phase === "done" ? blob.size : 0,
        total: blob.size,
      });
    works.push(unpackOne());

    async function unpackOne(): Promise<void> {
      await arrived?.(blob.digest);
      const layer = { chainId, diffId: config.diffIds[i]!, blob, lowers, lowersReady };
      await ensureLayer(context, layer, { onStart: () => tell("unpacking"), onWait: () => tell("waiting") });
      tell("done");
    }
  }
  // All of them end before the first failure is told, so that nothing is left half done.
  await Promise.allSettled(works);
  await Promise.all(works);
}
