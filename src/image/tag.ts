import { findImage } from "./find.ts";
import { type ImageRecord, updateRecords } from "./records.ts";
import { formatReference, parseReference } from "./reference.ts";
import type { StoreContext } from "./store.ts";

/** Gives an image another name; one that had it before loses it. */
export async function tagImage(context: StoreContext, wanted: string, name: string): Promise<ImageRecord> {
  const from = findImage(context, wanted);
  const ref = formatReference(parseReference(name, context.shortNames));
  const record: ImageRecord = {
    ref,
    manifest: from.manifest,
    source: from.ref,
    added: new Date().toISOString(),
  };
  await updateRecords(context.paths, context.addon, (records) => [
    ...records.filter((other) => other.ref !== ref),
    record,
  ]);
  return record;
}
