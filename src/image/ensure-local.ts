import { digestOf } from "./digest.ts";
import type { EnsureOptions } from "./ensure.ts";
import { imageError } from "./errors.ts";
import type { Image } from "./image.ts";
import { checkPath, loadImage } from "./load.ts";
import { type ImageRecord, readRecords } from "./records.ts";
import { type LocalSource, sourceName } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";

/** A folder as an image of one layer, where it is: nothing is copied, and containers write elsewhere. */
export function folderImage(source: LocalSource): Image {
  checkPath(source);
  const ref = sourceName(source);
  const digest = digestOf(ref);
  return { ref, digest, id: digest, layers: [source.path], config: {}, size: 0 };
}

/** An image from a layout or archive: loaded when it is not there, and with the policy Always each time. */
export async function ensureLocal(
  context: StoreContext,
  source: LocalSource,
  options: EnsureOptions,
): Promise<ImageRecord> {
  const ref = sourceName(source);
  const { pullPolicy, onProgress } = options;
  const present = readRecords(context.paths).find((record) => record.ref === ref);
  if (present !== undefined && pullPolicy !== "Always") {
    onProgress?.({ kind: "present", ref, message: `Container image "${ref}" already present on machine` });
    return present;
  }
  if (pullPolicy === "Never")
    throw imageError("neverPull", `Container image "${ref}" is not present with pull policy of Never`);
  const began = Date.now();
  onProgress?.({ kind: "pulling", ref, message: `Loading image "${ref}"` });
  const [record] = await loadImage(context, source, { asSource: true, ...(onProgress && { onProgress }) });
  const milliseconds = Date.now() - began;
  onProgress?.({
    kind: "pulled",
    ref,
    digest: record!.manifest.digest,
    milliseconds,
    message: `Successfully loaded image "${ref}" in ${(milliseconds / 1000).toFixed(3)}s`,
  });
  return record!;
}
