import { mkdirSync, readFileSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import { imageError, writingStore } from "./errors.ts";
import { type Flock, withFolderLock } from "./lock.ts";
import { type Descriptor, REF_NAME } from "./oci.ts";
import { parseLayoutIndex } from "./parse-json.ts";
import type { StorePaths } from "./paths.ts";
import { writeFileWhole } from "./write-file.ts";

/** One name of one image in the store. */
export interface ImageRecord {
  /** The whole reference: `docker.io/library/nginx:latest`. */
  ref: string;
  manifest: Descriptor;
  /** Where it came from: `embedded`, `registry`, or what was loaded (`oci:/srv/layout`). */
  source: string;
  /** When it came under this name, RFC 3339. */
  added: string;
}

const SOURCE = "tspod.image.source";
const ADDED = "tspod.image.added";
const LAYOUT = JSON.stringify({ imageLayoutVersion: "1.0.0" });

/** All names in the store, in the order they came. A store that is not there yet is empty. Throws TS6030. */
export function readRecords(paths: StorePaths): ImageRecord[] {
  let bytes: Buffer;
  try {
    bytes = readFileSync(paths.index);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  try {
    return parseLayoutIndex(bytes, paths.index).manifests.flatMap(toRecord);
  } catch (cause) {
    throw imageError("storeDamaged", `the image store's index ${paths.index} cannot be read`, {
      cause,
      path: paths.index,
      hint: "run `tspod image verify --repair`, which restores it from its copy",
    });
  }
}

/** What the copy of the index says; undefined if that cannot be read either. */
export function indexCopy(paths: StorePaths): ImageRecord[] | undefined {
  try {
    return parseLayoutIndex(readFileSync(paths.indexCopy), paths.indexCopy).manifests.flatMap(toRecord);
  } catch {
    return undefined;
  }
}

/** Changes the names of the store, one process at a time. */
export async function updateRecords(
  paths: StorePaths,
  addon: Flock | undefined,
  change: (records: ImageRecord[]) => ImageRecord[],
): Promise<void> {
  await writingStore(() =>
    withFolderLock(paths.images, addon, async () => {
      mkdirSync(paths.ingest, { recursive: true, mode: 0o700 });
      writeFileWhole(paths.layoutMark, LAYOUT, paths.ingest);
      writeRecords(paths, change(readRecords(paths)));
    }),
  );
}

/** Writes the index. The caller holds the lock of the store's folder. */
export function writeRecords(paths: StorePaths, records: ImageRecord[]): void {
  const manifests = records.map(({ ref, manifest, source, added }) => ({
    ...manifest,
    annotations: { ...manifest.annotations, [REF_NAME]: ref, [SOURCE]: source, [ADDED]: added },
  }));
  const text = JSON.stringify({ schemaVersion: 2, manifests }, undefined, 1);
  writeFileWhole(paths.index, text, paths.ingest);
  // The names are all that no blob could give back.
  writeFileWhole(paths.indexCopy, text, paths.ingest);
}

function toRecord(entry: Descriptor): ImageRecord[] {
  const {
    [REF_NAME]: ref,
    [SOURCE]: source = "unknown",
    [ADDED]: added = "",
    ...annotations
  } = entry.annotations ?? {};
  if (ref === undefined) return [];
  const { annotations: _, ...bare } = entry;
  const manifest = Object.keys(annotations).length > 0 ? { ...bare, annotations } : bare;
  return [{ ref, manifest, source, added }];
}
