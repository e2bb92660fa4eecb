import type { TspodError } from "../errors/tspod-error.ts";
import { hasBlob } from "./blobs.ts";
import { embeddedLayout, embeddedManifest, importEmbedded } from "./embedded.ts";
import { ImageErrorCode, imageError, writingStore } from "./errors.ts";
import { recordsNamed } from "./find.ts";
import { hold } from "./hold.ts";
import { type Image, imageFrom, readDocuments } from "./image.ts";
import { isUnpacked, settleLayers } from "./layers.ts";
import type { OnProgress } from "./progress.ts";
import { type ImageRecord, readRecords, updateRecords } from "./records.ts";
import { formatReference, parseReference, type Reference } from "./reference.ts";
import type { DockerConfig } from "./registry/credentials.ts";
import { type LocalSource, parseSource } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";
import { unpackLayers } from "./unpack-layers.ts";

export type PullPolicy = "Always" | "IfNotPresent" | "Never";

export interface EnsureOptions {
  pullPolicy: PullPolicy;
  /** Of the pod's imagePullSecrets (their .dockerconfigjson), in their order. */
  pullSecrets?: DockerConfig[];
  onProgress?: OnProgress;
  /** Given what lets go of the image: called when a record names it, or when it is not to be used after all. */
  onHold?: (release: () => void) => void;
}

/** For whoever takes no hold: between an image's being ready and the record that it is used lies less than this (ms). */
const HOLD_MS = 60_000;

/** Makes an image ready to run as its pull policy says, with the kubelet's words for what happened. */
export async function ensureImage(
  context: StoreContext,
  ref: string,
  options: EnsureOptions,
): Promise<Image> {
  const { pullPolicy, onProgress } = options;
  const source = parseSource(ref);
  if (source !== undefined) return ensureSource(context, source, options);
  const reference = parseReference(ref, context.shortNames);
  const name = formatReference(reference);
  const present = findRecord(context, reference);
  const embedded = await takeEmbedded(context, reference, present);
  if (embedded !== undefined || (present !== undefined && pullPolicy !== "Always")) {
    onProgress?.({
      kind: "present",
      ref: name,
      message: `Container image "${ref}" already present on machine`,
    });
    return makeReady(context, name, (embedded ?? present)!, options);
  }
  if (pullPolicy === "Never")
    throw imageError("neverPull", `Container image "${ref}" is not present with pull policy of Never`, {
      hint: `bring it in with \`tspod image pull ${ref}\` or \`tspod image load\`, or set imagePullPolicy: IfNotPresent`,
    });
  const pulled = await pullOrFallBack(context, ref, present, options);
  return makeReady(context, name, pulled, options);
}

async function ensureSource(
  context: StoreContext,
  source: LocalSource,
  options: EnsureOptions,
): Promise<Image> {
  const { ensureLocal, folderImage } = await import("./ensure-local.ts");
  if (source.kind === "rootfs") return folderImage(source);
  const record = await ensureLocal(context, source, options);
  return makeReady(context, record.ref, record, options);
}

/** Unpacks what is not unpacked yet, side by side. */
async function makeReady(
  context: StoreContext,
  name: string,
  record: ImageRecord,
  { onProgress, onHold = (release) => void setTimeout(release, HOLD_MS).unref() }: EnsureOptions,
): Promise<Image> {
  onHold(await hold(context));
  const documents = readDocuments(context.paths, record.manifest);
  const { chain } = documents;
  const isMissing = chain.some((chainId) => !isUnpacked(context, chainId));
  if (isMissing) await writingStore(() => unpackLayers(context, documents, { onProgress }));
  // A read-only store runs what it has.
  else await settleLayers(context, chain).catch(() => undefined);
  return imageFrom(context.paths, name, record.manifest, documents);
}

function findRecord(context: StoreContext, reference: Reference): ImageRecord | undefined {
  return recordsNamed(readRecords(context.paths), reference)[0];
}

/**
 * An embedded image is current by definition, so no policy asks a network for it; a newer build replaces it. Once the
 * name was pulled or loaded from elsewhere, that is what it means.
 */
async function takeEmbedded(
  context: StoreContext,
  reference: Reference,
  present: ImageRecord | undefined,
): Promise<ImageRecord | undefined> {
  if (present !== undefined && present.source !== "embedded") return undefined;
  const layout = embeddedLayout(context.embeddedDir, reference);
  if (layout === undefined) return present;
  const manifest = embeddedManifest(layout);
  if (present?.manifest.digest === manifest.digest && hasBlob(context.paths, manifest)) return present;
  const record: ImageRecord = {
    ref: formatReference(reference),
    manifest,
    source: "embedded",
    added: new Date().toISOString(),
  };
  // Until a name leads to its blobs, whoever collects would take them away.
  const release = await hold(context);
  try {
    await importEmbedded(context.paths, layout, manifest);
    await updateRecords(context.paths, context.addon, (records) => [
      ...records.filter(({ ref }) => ref !== record.ref),
      record,
    ]);
  } finally {
    release();
  }
  return record;
}

/** Offline, an image that is present runs all the same, and the message names the policy that asked for the network. */
async function pullOrFallBack(
  context: StoreContext,
  ref: string,
  present: ImageRecord | undefined,
  { onProgress, pullSecrets }: EnsureOptions,
): Promise<ImageRecord> {
  const { pullImage } = await import("./pull.ts");
  try {
    return await pullImage(context, ref, {
      ...(pullSecrets && { pullSecrets }),
      ...(onProgress && { onProgress }),
    });
  } catch (error) {
    if (present === undefined || (error as TspodError).code !== ImageErrorCode.pullFailed) throw error;
    onProgress?.({
      kind: "warning",
      ref: present.ref,
      message: `image "${ref}": imagePullPolicy Always asked for the registry, which cannot be reached (${(error as Error).message}); running the image that is present, ${present.manifest.digest}`,
    });
    return present;
  }
}
