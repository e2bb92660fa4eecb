import { readSmallBlob } from "./blobs.ts";
import { chainIds } from "./digest.ts";
import { imageError } from "./errors.ts";
import { parseImageConfig } from "./image-config.ts";
import type { ContainerConfig, Descriptor, ImageConfig, Manifest } from "./oci.ts";
import { parseManifest } from "./parse-json.ts";
import type { StorePaths } from "./paths.ts";

/** An image that is ready to run. */
export interface Image {
  /** The whole reference it was asked for by: `docker.io/library/busybox:latest`. */
  ref: string;
  /** Digest of its manifest. */
  digest: string;
  /** Digest of its config, which is what `docker image ls` shows as the id. */
  id: string;
  /** Host paths of its unpacked layers, TOP FIRST, as overlay's lowerdir wants them. Shared: never write there. */
  layers: string[];
  config: ContainerConfig;
  /** Bytes of all blobs: manifest, config and layers as they are transferred. */
  size: number;
}

/** An image's documents, read from the store and verified. */
export interface ImageDocuments {
  manifest: Manifest;
  config: ImageConfig;
  /** Chain ids, bottom first. */
  chain: string[];
}

/** Reads manifest and config of an image in the store. Config and manifest must agree on the number of layers. */
export function readDocuments(paths: StorePaths, descriptor: Descriptor): ImageDocuments {
  const bytes = readSmallBlob(paths.blob(descriptor.digest), descriptor);
  const manifest = parseManifest(bytes, descriptor.mediaType, `manifest ${descriptor.digest}`);
  if (!("layers" in manifest))
    throw imageError("brokenManifest", `${descriptor.digest} is an index, not one platform's image`);
  const what = `image config ${manifest.config.digest}`;
  const config = parseImageConfig(readSmallBlob(paths.blob(manifest.config.digest), manifest.config), what);
  if (config.diffIds.length !== manifest.layers.length)
    throw imageError(
      "brokenConfig",
      `${what} names ${config.diffIds.length} layers; the manifest has ${manifest.layers.length}`,
    );
  return { manifest, config, chain: chainIds(config.diffIds) };
}

export function imageFrom(
  paths: StorePaths,
  ref: string,
  descriptor: Descriptor,
  documents: ImageDocuments,
): Image {
  const { manifest, config, chain } = documents;
  return {
    ref,
    digest: descriptor.digest,
    id: manifest.config.digest,
    layers: chain.map((chainId) => paths.layerFs(chainId)).reverse(),
    config: config.config,
    size: manifest.layers.reduce(
      (total, layer) => total + layer.size,
      descriptor.size + manifest.config.size,
    ),
  };
}
