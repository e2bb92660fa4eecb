import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { imageError } from "./errors.ts";
import { type Flock, withFolderLock } from "./lock.ts";
import { type Descriptor, layerCompression } from "./oci.ts";
import type { StorePaths } from "./paths.ts";
import { unpackLayer } from "./unpack.ts";
import { writeFileWhole } from "./write-file.ts";

/** What `layer.json` beside an unpacked layer says. */
export interface LayerMeta {
  schema: 1;
  chainId: string;
  diffId: string;
  /** Bytes of the uncompressed layer. */
  bytes: number;
  /** Folders that hide what lower layers have beneath them, as `/a/b`. */
  opaque: string[];
  /** The boot in which it was unpacked. */
  bootId: string;
}

export interface LayerToUnpack {
  chainId: string;
  diffId: string;
  blob: Descriptor;
}

export function isUnpacked(paths: StorePaths, chainId: string): boolean {
  return existsSync(join(paths.layer(chainId), "layer.json"));
}

export function readLayerMeta(folder: string): LayerMeta {
  const file = join(folder, "layer.json");
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LayerMeta;
  } catch (cause) {
    throw imageError("storeDamaged", `the record of an unpacked layer, ${file}, cannot be read`, {
      cause,
      path: file,
      hint: "run `tspod image verify --repair`, which unpacks the layer again",
    });
  }
}

/** Unpacks a layer once, whoever asks how often at the same time; afterwards it is there, complete. */
export async function ensureLayer(
  paths: StorePaths,
  addon: Flock | undefined,
  layer: LayerToUnpack,
  onWait?: () => void,
): Promise<void> {
  const partial = paths.partialLayer(layer.chainId);
  mkdirSync(paths.layers, { recursive: true, mode: 0o700 });
  await withFolderLock(
    partial,
    addon,
    async () => {
      try {
        if (!isUnpacked(paths, layer.chainId)) await unpackAndCommit(paths, layer, partial);
      } finally {
        rmSync(partial, { recursive: true, force: true });
      }
    },
    onWait,
  );
}

async function unpackAndCommit(paths: StorePaths, layer: LayerToUnpack, partial: string): Promise<void> {
  const compression = layerCompression(layer.blob.mediaType) ?? "none";
  const into = join(partial, "fs");
  rmSync(into, { recursive: true, force: true });
  const { digest } = layer.blob;
  const unpacked = await unpackLayer({
    blob: paths.blob(digest),
    digest,
    compression,
    diffId: layer.diffId,
    into,
  });
  const meta: LayerMeta = {
    schema: 1,
    chainId: layer.chainId,
    diffId: layer.diffId,
    ...unpacked,
    bootId: readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  };
  writeFileWhole(join(partial, "layer.json"), JSON.stringify(meta));
  // A folder without layer.json is what an interrupted removal leaves; rename does not replace a folder that is not empty.
  rmSync(paths.layer(layer.chainId), { recursive: true, force: true });
  renameSync(partial, paths.layer(layer.chainId));
}
