import { displayName } from "./find.ts";
import { type ImageDocuments, imageFrom, readDocuments } from "./image.ts";
import { type ImageRecord, readRecords } from "./records.ts";
import { parseReference } from "./reference.ts";
import { parseSource } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";
import { imagesInUse } from "./usage.ts";

export interface ImageSummary {
  /** The whole reference. */
  ref: string;
  /** As people write it, without the tag. */
  name: string;
  tag: string;
  /** Digest of the config; "" when the store is damaged there. */
  id: string;
  /** Digest of the manifest. */
  digest: string;
  source: string;
  /** RFC 3339. */
  created: string | undefined;
  added: string;
  /** Bytes as they are transferred. */
  size: number;
  /** Pods that use it, as `namespace/name`. */
  usedBy: string[];
}

/** What is in the store, in the order it came. An image whose documents are damaged is listed without what they say. */
export function listImages(context: StoreContext): ImageSummary[] {
  const used = imagesInUse(context);
  return readRecords(context.paths).map((record) => {
    const documents = tryDocuments(context, record);
    const id = documents?.manifest.config.digest ?? "";
    const size =
      documents === undefined ? 0 : imageFrom(context.paths, record.ref, record.manifest, documents).size;
    const { ref, source, added } = record;
    const created = documents?.config.created;
    return {
      ref,
      ...splitName(record),
      id,
      digest: record.manifest.digest,
      source,
      created,
      added,
      size,
      usedBy: [...(used.get(id) ?? [])].sort(),
    };
  });
}

function tryDocuments(context: StoreContext, record: ImageRecord): ImageDocuments | undefined {
  try {
    return readDocuments(context.paths, record.manifest);
  } catch {
    return undefined;
  }
}

function splitName(record: ImageRecord): { name: string; tag: string } {
  if (parseSource(record.ref) !== undefined) return { name: record.ref, tag: "<none>" };
  const { tag } = parseReference(record.ref);
  const name = displayName(record).replace(/@.*$/, "");
  return tag === undefined ? { name, tag: "<none>" } : { name: name.slice(0, -tag.length - 1), tag };
}
