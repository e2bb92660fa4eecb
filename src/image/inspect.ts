import { findImage } from "./find.ts";
import { imageFrom, readDocuments } from "./image.ts";
import type { HistoryEntry } from "./oci.ts";
import { readRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";

/** All there is to know of an image, with `docker image inspect`'s names where it has them. */
export function inspectImage(context: StoreContext, wanted: string): object {
  const record = findImage(context, wanted);
  const documents = readDocuments(context.paths, record.manifest);
  const { manifest, config, chain } = documents;
  const image = imageFrom(context.paths, record.ref, record.manifest, documents);
  const names = readRecords(context.paths).filter(
    (other) => other.manifest.digest === record.manifest.digest,
  );
  return {
    Id: image.id,
    Digest: image.digest,
    RepoTags: names.map(({ ref }) => ref),
    Source: record.source,
    Created: config.created,
    Author: config.author,
    Architecture: config.architecture,
    Variant: config.variant,
    Os: config.os,
    Size: image.size,
    Config: config.config,
    RootFS: { Type: "layers", Layers: config.diffIds },
    Layers: manifest.layers.map(({ digest, mediaType, size }, i) => ({
      digest,
      mediaType,
      size,
      chainId: chain[i],
      path: context.paths.layerFs(chain[i]!),
    })),
  };
}

export interface HistoryRow extends HistoryEntry {
  /** Of the blob, when the step made one. */
  size: number;
  digest: string | undefined;
}

/** How an image was made, newest first; steps that made no layer have none. */
export function imageHistory(context: StoreContext, wanted: string): HistoryRow[] {
  const { manifest, config } = readDocuments(context.paths, findImage(context, wanted).manifest);
  const steps = config.history.length > 0 ? config.history : manifest.layers.map(() => ({}) as HistoryEntry);
  let next = 0;
  const rows = steps.map((step) => {
    const layer = step.empty_layer ? undefined : manifest.layers[next++];
    return { ...step, size: layer?.size ?? 0, digest: layer?.digest };
  });
  return rows.reverse();
}
