import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { imageError } from "./errors.ts";

/** What `layer.json` beside an unpacked layer says. */
export interface LayerMeta {
  schema: 1;
  chainId: string;
  diffId: string;
  /** Bytes of the uncompressed layer. */
  bytes: number;
  entries: number;
  /** Folders that hide what lower layers have beneath them, as `/a/b`. */
  opaque: string[];
  /** The boot in which it was unpacked. */
  bootId: string;
  /**
   * Whether its files are known to be on the disk. Waiting for that would double the time of an unpack, so it is made
   * sure of later; until then, a layer from before the last boot counts as not there, and is unpacked again.
   */
  synced: boolean;
}

/** The record of the layer in this folder; undefined if there is none. Throws TS6030 if it cannot be read. */
export function readLayerMeta(folder: string): LayerMeta | undefined {
  const file = join(folder, "layer.json");
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
  try {
    return JSON.parse(text) as LayerMeta;
  } catch (cause) {
    throw imageError("storeDamaged", `the record of an unpacked layer, ${file}, cannot be read`, {
      cause,
      path: file,
      hint: "run `tspod image verify --repair`, which unpacks the layer again",
    });
  }
}

let bootId: string | undefined;

/** random(4): an id that is new with every boot. */
export function currentBootId(): string {
  bootId ??= readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return bootId;
}
