import { mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { currentBootId, type LayerMeta, readLayerMeta } from "./layer-meta.ts";
import { withFolderLock } from "./lock.ts";
import type { Descriptor } from "./oci.ts";
import { Slots } from "./slots.ts";
import type { StoreContext } from "./store.ts";
import { completeLayer, unpackLayer } from "./unpack.ts";
import { writeFileWhole } from "./write-file.ts";

/**
 * Past this the kernel has written a layer's files of its own accord (dirty_expire_centisecs), so that syncing is
 * cheap.
 */
const SETTLED_MS = 60_000;

/** One unpacker keeps about two processors busy, so more at the same time would only share them. */
const unpacking = new Slots(2);

export interface LayerToUnpack {
  chainId: string;
  diffId: string;
  blob: Descriptor;
  /** Chain ids of the layers beneath, TOP FIRST. */
  lowers: string[];
  /** Settles when the layers beneath are unpacked. */
  lowersReady: Promise<unknown>;
}

/** Whether the layer is there, complete, and still what was unpacked. */
export function isUnpacked({ paths }: StoreContext, chainId: string): boolean {
  const meta = readLayerMeta(paths.layer(chainId));
  return meta !== undefined && (meta.synced || meta.bootId === currentBootId());
}

/** Unpacks a layer once, whoever asks how often at the same time; afterwards it is there, complete. */
export async function ensureLayer(
  context: StoreContext,
  layer: LayerToUnpack,
  { onStart, onWait }: { onStart?: () => void; onWait?: () => void } = {},
): Promise<void> {
  const { paths, addon } = context;
  const partial = paths.partialLayer(layer.chainId);
  mkdirSync(paths.layers, { recursive: true, mode: 0o700 });
  await withFolderLock(
    partial,
    addon,
    async () => {
      try {
        if (!isUnpacked(context, layer.chainId)) await unpackAndCommit(context, layer, { partial, onStart });
      } finally {
        rmSync(partial, { recursive: true, force: true });
      }
    },
    onWait,
  );
}

async function unpackAndCommit(
  context: StoreContext,
  layer: LayerToUnpack,
  { partial, onStart }: { partial: string; onStart: (() => void) | undefined },
): Promise<void> {
  const { paths, unpacker: program, limits } = context;
  const into = join(partial, "fs");
  const { digest } = layer.blob;
  rmSync(into, { recursive: true, force: true });
  const { fromLower, ...unpacked } = await unpacking.run(() => {
    onStart?.();
    return unpackLayer({ program, blob: paths.blob(digest), digest, diffId: layer.diffId, into, limits });
  });
  // Only now: a slot that waited for the layers beneath could be the one that they need.
  await layer.lowersReady;
  const lowers = layer.lowers.map((chainId) => paths.layerFs(chainId));
  await completeLayer(program, digest, into, lowers, fromLower);
  const meta: LayerMeta = {
    schema: 1,
    chainId: layer.chainId,
    diffId: layer.diffId,
    ...unpacked,
    bootId: currentBootId(),
    synced: false,
  };
  writeFileWhole(join(partial, "layer.json"), JSON.stringify(meta));
  // What an interrupted removal or another boot left; rename does not replace a folder that is not empty.
  removeLayer(context, layer.chainId);
  renameSync(partial, paths.layer(layer.chainId));
}

/** Removes an unpacked layer: first its record, so that what an interruption leaves does not count as a layer. */
export function removeLayer({ paths }: StoreContext, chainId: string): void {
  const folder = paths.layer(chainId);
  rmSync(join(folder, "layer.json"), { force: true });
  rmSync(folder, { recursive: true, force: true });
}

/** Marks layers whose files the kernel has had time to write as lasting beyond a reboot, after making sure. */
export async function settleLayers(context: StoreContext, chain: string[]): Promise<void> {
  const folders = chain.map((chainId) => context.paths.layer(chainId)).filter(isDue);
  if (folders.length === 0) return;
  const { syncFileSystem } = await import("./sync.ts");
  await syncFileSystem(context.unpacker, context.paths.layers);
  for (const folder of folders) {
    const meta = readLayerMeta(folder);
    if (meta !== undefined)
      writeFileWhole(join(folder, "layer.json"), JSON.stringify({ ...meta, synced: true }));
  }
}

function isDue(folder: string): boolean {
  const record = statSync(join(folder, "layer.json"), { throwIfNoEntry: false });
  return (
    record !== undefined &&
    Date.now() - record.mtimeMs > SETTLED_MS &&
    readLayerMeta(folder)?.synced === false
  );
}
