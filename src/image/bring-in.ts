import { rmSync } from "node:fs";
import { TspodError } from "../errors/tspod-error.ts";
import { hasBlob, putBlob } from "./blobs.ts";
import { chainIds } from "./digest.ts";
import { ImageErrorCode, imageError, writingStore } from "./errors.ts";
import { hold } from "./hold.ts";
import { parseImageConfig } from "./image-config.ts";
import { type Descriptor, isIndexType, type Manifest } from "./oci.ts";
import { parseManifest } from "./parse-json.ts";
import { choosePlatform, hostPlatform, platformName } from "./platform.ts";
import type { OnProgress } from "./progress.ts";
import { type ImageRecord, updateRecords } from "./records.ts";
import { Slots } from "./slots.ts";
import type { StoreContext } from "./store.ts";
import { unpackLayers } from "./unpack-layers.ts";

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
  /** Unpacks each layer as soon as it is there. */
  unpack?: boolean;
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
  const fetch = new Fetch(context, origin, manifest.layers, options.onProgress);
  const documents = { manifest, config, chain: chainIds(config.diffIds) };
  const { onProgress } = options;
  const arrived = (digest: string) => fetch.arrived(digest);
  const unpacked = options.unpack ? unpackLayers(context, documents, { onProgress, arrived }) : undefined;
  // The blob's own failure says more than that of the layer that waited for it.
  const [fetched] = await Promise.allSettled([fetch.all(), unpacked]);
  if (fetched.status === "rejected") throw fetched.reason;
  await unpacked?.catch((error: unknown) => {
    dropRefused(context, fetch.brought, error);
    throw error;
  });
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

/** A blob that came just now and is no layer: no image can ever be made of it. */
function dropRefused(context: StoreContext, brought: ReadonlySet<string>, error: unknown): void {
  if (!(error instanceof TspodError) || error.code !== ImageErrorCode.brokenLayer) return;
  for (const digest of brought)
    if (error.message.includes(digest)) rmSync(context.paths.blob(digest), { force: true });
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

/** Several at a time, each told of when it is there; after a failure no new one begins. */
class Fetch {
  /** Digests that were not in the store before. */
  readonly brought = new Set<string>();
  readonly #arrivals = new Map<string, Promise<void>>();
  #failed: unknown;

  constructor(
    context: StoreContext,
    origin: Origin,
    layers: Descriptor[],
    onProgress: OnProgress | undefined,
  ) {
    const slots = new Slots(AT_ONCE);
    for (const layer of layers) {
      if (this.#arrivals.has(layer.digest)) continue;
      const arrival = slots.run(() => this.#fetch(context, origin, layer, onProgress));
      arrival.catch((error: unknown) => {
        this.#failed ??= error;
      });
      this.#arrivals.set(layer.digest, arrival);
    }
  }

  arrived(digest: string): Promise<void> {
    return this.#arrivals.get(digest)!;
  }

  /** Those under way end before the first failure is told. */
  async all(): Promise<void> {
    await Promise.allSettled(this.#arrivals.values());
    if (this.#failed !== undefined) throw this.#failed;
  }

  async #fetch(
    context: StoreContext,
    origin: Origin,
    layer: Descriptor,
    onProgress?: OnProgress,
  ): Promise<void> {
    const { digest, size: total } = layer;
    if (this.#failed !== undefined) throw this.#failed;
    const isPresent = hasBlob(context.paths, layer);
    if (!isPresent) await origin.layer(layer, onProgress);
    if (!isPresent) this.brought.add(digest);
    onProgress?.({ kind: "layer", digest, phase: isPresent ? "present" : "downloaded", done: total, total });
  }
}
