import { hasBlob, putBlob } from "./blobs.ts";
import { imageError, writingStore } from "./errors.ts";
import { hold } from "./hold.ts";
import { parseImageConfig } from "./image-config.ts";
import { type Descriptor, isIndexType, type Manifest } from "./oci.ts";
import { parseManifest } from "./parse-json.ts";
import { choosePlatform, hostPlatform, platformName } from "./platform.ts";
import type { OnProgress } from "./progress.ts";
import { type ImageRecord, updateRecords } from "./records.ts";
import type { StoreContext } from "./store.ts";

/** Somewhere an image can come from: a registry, a layout, an archive. */
export interface Origin {
  /** What is named: a manifest or an index. */
  top(): Promise<{ descriptor: Descriptor; bytes: Buffer }>;
  /** A manifest or config that a verified document names. */
  small(descriptor: Descriptor): Promise<Buffer>;
  /** Puts a layer into the store, verified. */
  layer(descriptor: Descriptor, onProgress?: OnProgress): Promise<void>;
}

export interface BringInOptions {
  /** The name it gets. */
  ref: string;
  /** Where it came from, for the record. */
  source: string;
  onProgress?: OnProgress;
}

/** Layers of one image that are fetched at the same time, as Docker does. */
const AT_ONCE = 3;
/** An index may hold an index; no more than this is followed. */
const MAX_NESTING = 3;

/** Brings an image with all its blobs into the store, and gives it its name when all of it is there. */
export async function bringIn(
  context: StoreContext,
  origin: Origin,
  options: BringInOptions,
): Promise<ImageRecord> {
  return writingStore(async () => {
    const release = await hold(context);
    return bring(context, origin, options).finally(release);
  });
}

async function bring(context: StoreContext, origin: Origin, options: BringInOptions): Promise<ImageRecord> {
  const { descriptor, manifest, bytes } = await findManifest(origin, options.ref);
  const configBytes = await origin.small(manifest.config);
  const config = parseImageConfig(configBytes, `image config ${manifest.config.digest}`);
  if (config.diffIds.length !== manifest.layers.length)
    throw imageError(
      "brokenConfig",
      `image config ${manifest.config.digest} names ${config.diffIds.length} layers; the manifest has ${manifest.layers.length}`,
    );
  warnOfPlatform(config.os, config.architecture, options);
  await fetchLayers(context, origin, manifest.layers, options.onProgress);
  putBlob(context.paths, configBytes, manifest.config);
  putBlob(context.paths, bytes, descriptor);
  const { mediaType, digest, size } = descriptor;
  const record: ImageRecord = {
    ref: options.ref,
    manifest: { mediaType, digest, size },
    source: options.source,
    added: new Date().toISOString(),
  };
  await updateRecords(context.paths, context.addon, (records) => [
    ...records.filter(({ ref }) => ref !== record.ref),
    record,
  ]);
  return record;
}

async function findManifest(
  origin: Origin,
  ref: string,
): Promise<{ descriptor: Descriptor; manifest: Manifest; bytes: Buffer }> {
  let { descriptor, bytes } = await origin.top();
  for (let depth = 0; depth < MAX_NESTING; depth++) {
    const what = `${isIndexType(descriptor.mediaType) ? "index" : "manifest"} ${descriptor.digest}`;
    const document = parseManifest(bytes, descriptor.mediaType, what);
    if ("layers" in document) return { descriptor, manifest: document, bytes };
    descriptor = choosePlatform(document, `image "${ref}"`);
    bytes = await origin.small(descriptor);
  }
  throw imageError("brokenManifest", `image "${ref}": indexes are nested more than ${MAX_NESTING} deep`);
}

function warnOfPlatform(os: string, architecture: string, { ref, onProgress }: BringInOptions): void {
  const host = hostPlatform();
  if (os === host.os && architecture === host.architecture) return;
  const message = `image "${ref}" is made for ${platformName({ os, architecture })}; this machine is ${platformName(host)}`;
  onProgress?.({ kind: "warning", ref, message });
}

/** Several at a time; after a failure no new one begins, and those under way end before it is told. */
async function fetchLayers(
  context: StoreContext,
  origin: Origin,
  layers: Descriptor[],
  onProgress?: OnProgress,
): Promise<void> {
  const todo = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  let failed = false;
  const worker = async () => {
    for (let layer = todo.shift(); layer !== undefined && !failed; layer = todo.shift()) {
      const { digest, size: total } = layer;
      if (hasBlob(context.paths, layer)) {
        onProgress?.({ kind: "layer", digest, phase: "present", done: total, total });
        continue;
      }
      try {
        await origin.layer(layer, onProgress);
        onProgress?.({ kind: "layer", digest, phase: "downloaded", done: total, total });
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  };
  const workers = Array.from({ length: AT_ONCE }, worker);
  await Promise.allSettled(workers);
  await Promise.all(workers);
}
