import { imageError } from "./errors.ts";
import { readDocuments } from "./image.ts";
import { type ImageRecord, readRecords } from "./records.ts";
import { familiarReference, formatReference, parseReference, type Reference } from "./reference.ts";
import { parseSource, sourceName } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";

/** The records that a person means: a name, or an id or manifest digest or the beginning of either. Throws TS6002. */
export function findImages(context: StoreContext, wanted: string): ImageRecord[] {
  const records = readRecords(context.paths);
  const source = parseSource(wanted);
  const reference = source === undefined ? referenceOf(context, wanted) : undefined;
  const named =
    source !== undefined
      ? records.filter(({ ref }) => ref === sourceName(source))
      : reference !== undefined
        ? recordsNamed(records, reference)
        : [];
  if (named.length > 0) return named;
  const byId = /^(?:sha256:)?[0-9a-f]{4,64}$/.test(wanted)
    ? withId(context, records, wanted.replace("sha256:", ""))
    : [];
  if (byId.length > 0) return byId;
  const close = records
    .map((record) => displayName(record))
    .find((name) => name.startsWith(wanted.split(":")[0]!));
  throw imageError("notPresent", `image ${JSON.stringify(wanted)} not found`, {
    hint: close === undefined ? "`tspod image ls` lists what there is" : `did you mean ${close}?`,
  });
}

/** Exactly one image, perhaps under several names; the first of them. */
export function findImage(context: StoreContext, wanted: string): ImageRecord {
  const [first, ...more] = findImages(context, wanted);
  if (more.some(({ manifest }) => manifest.digest !== first!.manifest.digest))
    throw imageError("ambiguous", `${JSON.stringify(wanted)} is the beginning of several images' ids`);
  return first!;
}

export function displayName({ ref }: ImageRecord): string {
  return parseSource(ref) === undefined ? familiarReference(parseReference(ref)) : ref;
}

/** Those of a name. A digest says all: whichever name of the same repository brought it. */
export function recordsNamed(records: readonly ImageRecord[], reference: Reference): ImageRecord[] {
  const name = formatReference(reference);
  const exact = records.filter(({ ref }) => ref === name);
  if (exact.length > 0 || reference.digest === undefined) return exact;
  return records.filter((record) => {
    if (parseSource(record.ref) !== undefined) return false;
    const other = parseReference(record.ref);
    return (
      other.registry === reference.registry &&
      other.repository === reference.repository &&
      record.manifest.digest === reference.digest
    );
  });
}

function referenceOf(context: StoreContext, wanted: string): Reference | undefined {
  try {
    return parseReference(wanted, context.shortNames);
  } catch {
    return undefined;
  }
}

function withId(context: StoreContext, records: ImageRecord[], prefix: string): ImageRecord[] {
  return records.filter((record) => {
    const hex = (digest: string) => digest.replace(/^[^:]+:/, "");
    if (hex(record.manifest.digest).startsWith(prefix)) return true;
    return hex(idOf(context, record) ?? "").startsWith(prefix);
  });
}

/** The id of a record whose documents can be read. */
export function idOf(context: StoreContext, record: ImageRecord): string | undefined {
  try {
    return readDocuments(context.paths, record.manifest).manifest.config.digest;
  } catch {
    return undefined;
  }
}
