import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";
import { hasBlob, verifyFile } from "./blobs.ts";
import { displayName } from "./find.ts";
import { whileNothingIsHeld } from "./hold.ts";
import { type ImageDocuments, readDocuments } from "./image.ts";
import { readLayerMeta } from "./layer-meta.ts";
import { removeLayer } from "./layers.ts";
import { withFolderLock } from "./lock.ts";
import type { Descriptor } from "./oci.ts";
import { type ImageRecord, indexCopy, readRecords, writeRecords } from "./records.ts";
import { parseReference } from "./reference.ts";
import type { StoreContext } from "./store.ts";
import { completeLayer, fingerprint, unpackLayer } from "./unpack.ts";
import { imagesInUse } from "./usage.ts";

export interface Finding {
  /** The names it concerns; none when it is the store as a whole. */
  images: string[];
  /** A digest, a chain id, or a file. */
  subject: string;
  problem: string;
  /** What was done about it, or what can be. */
  remedy: string;
  mended: boolean;
}

export interface VerifyOptions {
  /** Mends what can be: unpacks layers again, fetches blobs again, restores the index. */
  repair?: boolean;
  /** Tells what is being looked at. */
  onStep?: (what: string) => void;
}

/** Reads everything in the store and compares it with its digests; unpacked layers with what their blobs unpack to. */
export async function verifyStore(context: StoreContext, options: VerifyOptions = {}): Promise<Finding[]> {
  const findings: Finding[] = [];
  const records = await verifyIndex(context, options, findings);
  const healthy = new Map<string, { record: ImageRecord; documents: ImageDocuments }>();
  for (const record of records) {
    options.onStep?.(displayName(record));
    const documents = await verifyBlobs(context, record, options, findings);
    if (documents !== undefined) healthy.set(record.manifest.digest, { record, documents });
  }
  const seen = new Set<string>();
  for (const { record, documents } of healthy.values())
    await verifyLayers(context, record, documents, { options, findings, seen });
  return findings;
}

async function verifyIndex(
  context: StoreContext,
  { repair }: VerifyOptions,
  findings: Finding[],
): Promise<ImageRecord[]> {
  const { paths, addon } = context;
  try {
    return readRecords(paths);
  } catch (error) {
    const copy = indexCopy(paths);
    const finding: Finding = {
      images: [],
      subject: paths.index,
      problem: (error as Error).message,
      remedy: "",
      mended: false,
    };
    findings.push(finding);
    if (copy === undefined) {
      finding.remedy =
        "its copy cannot be read either: remove it and pull the images again; what is downloaded already is not fetched again";
      return [];
    }
    finding.remedy = repair ? "restored from its copy" : "--repair restores it from its copy";
    if (repair) await withFolderLock(paths.images, addon, async () => writeRecords(paths, copy));
    finding.mended = repair ?? false;
    return copy;
  }
}

/** The documents, when all blobs are what they should be, perhaps after mending. */
async function verifyBlobs(
  context: StoreContext,
  record: ImageRecord,
  { repair }: VerifyOptions,
  findings: Finding[],
): Promise<ImageDocuments | undefined> {
  const broken = await brokenBlobs(context, record);
  if (broken.length === 0) return readDocuments(context.paths, record.manifest);
  const isPullable = record.source === "registry";
  const isEmbedded = record.source === "embedded";
  const own = broken.map(({ digest, problem }): Finding => {
    const remedy = isEmbedded
      ? "it comes with tspod: the next use brings it in again"
      : isPullable
        ? "--repair fetches it again"
        : `load the image again from ${record.source}`;
    return { images: [displayName(record)], subject: digest, problem, remedy, mended: false };
  });
  findings.push(...own);
  if (!repair || !(isPullable || isEmbedded)) return undefined;
  for (const { digest } of broken) rmSync(context.paths.blob(digest), { force: true });
  try {
    await fetchAgain(context, record);
    for (const finding of own) Object.assign(finding, { remedy: "brought in again", mended: true });
    return readDocuments(context.paths, record.manifest);
  } catch (error) {
    for (const finding of own) finding.remedy = `could not be brought in again: ${(error as Error).message}`;
    return undefined;
  }
}

async function brokenBlobs(
  context: StoreContext,
  record: ImageRecord,
): Promise<{ digest: string; problem: string }[]> {
  let documents: ImageDocuments;
  try {
    documents = readDocuments(context.paths, record.manifest);
  } catch (error) {
    return [{ digest: brokenDocument(context, record, error), problem: (error as Error).message }];
  }
  const broken: { digest: string; problem: string }[] = [];
  for (const layer of documents.manifest.layers) {
    const problem = await problemOf(context, layer);
    if (problem !== undefined) broken.push({ digest: layer.digest, problem });
  }
  return broken;
}

/** A config's digest stands in its error; else it is the manifest. */
function brokenDocument(context: StoreContext, record: ImageRecord, error: unknown): string {
  const named = /sha256:[0-9a-f]{64}/.exec((error as Error).message)?.[0];
  return named !== undefined && hasBlob(context.paths, record.manifest) ? named : record.manifest.digest;
}

async function problemOf(context: StoreContext, blob: Descriptor): Promise<string | undefined> {
  try {
    await verifyFile(context.paths.blob(blob.digest), blob);
    return undefined;
  } catch (error) {
    if (error instanceof TspodError) return error.message;
    return hasCode(error, "ENOENT") ? `blob ${blob.digest} is missing` : (error as Error).message;
  }
}

/** By digest, so that it is the same image even if its tag has moved on. */
async function fetchAgain(context: StoreContext, record: ImageRecord): Promise<void> {
  const { ensureImage } = await import("./ensure.ts");
  if (record.source === "embedded")
    return void (await ensureImage(context, record.ref, { pullPolicy: "Never" }));
  const { pullImage } = await import("./pull.ts");
  const { registry, repository } = parseReference(record.ref);
  await pullImage(context, `${registry}/${repository}@${record.manifest.digest}`, { as: record.ref });
}

async function verifyLayers(
  context: StoreContext,
  record: ImageRecord,
  { manifest, config, chain }: ImageDocuments,
  { options, findings, seen }: { options: VerifyOptions; findings: Finding[]; seen: Set<string> },
): Promise<void> {
  const { paths, unpacker, limits } = context;
  for (const [i, chainId] of chain.entries()) {
    if (seen.has(chainId) || readMeta(paths.layer(chainId)) === "none") continue;
    seen.add(chainId);
    const temporary = mkdtempSync(join(paths.layers, ".verify-"));
    try {
      const into = join(temporary, "fs");
      const { digest } = manifest.layers[i]!;
      const { fromLower } = await unpackLayer({
        program: unpacker,
        blob: paths.blob(digest),
        digest,
        diffId: config.diffIds[i]!,
        into,
        limits,
      });
      const lowers = chain
        .slice(0, i)
        .reverse()
        .map((id) => paths.layerFs(id));
      await completeLayer(unpacker, digest, into, lowers, fromLower);
      const [wanted, found] = [
        await fingerprint(unpacker, into),
        await fingerprint(unpacker, paths.layerFs(chainId)),
      ];
      if (wanted === found && readMeta(paths.layer(chainId)) === "whole") continue;
      findings.push(
        await mendLayer(context, record, {
          chainId,
          id: manifest.config.digest,
          repair: options.repair ?? false,
        }),
      );
    } finally {
      rmSync(temporary, { recursive: true, force: true });
    }
  }
}

function readMeta(folder: string): "none" | "whole" | "broken" {
  try {
    return readLayerMeta(folder) === undefined ? "none" : "whole";
  } catch {
    return "broken";
  }
}

/**
 * A layer under a running container cannot be changed beneath it. What is removed is unpacked again when it is
 * used.
 */
async function mendLayer(
  context: StoreContext,
  record: ImageRecord,
  { chainId, id, repair }: { chainId: string; id: string; repair: boolean },
): Promise<Finding> {
  const finding: Finding = {
    images: [displayName(record)],
    subject: chainId,
    problem: "the unpacked layer is not what its blob unpacks to",
    remedy: "--repair unpacks it again",
    mended: false,
  };
  const users = imagesInUse(context).get(id);
  if (users !== undefined)
    return {
      ...finding,
      remedy: `remove ${[...users].sort().join(", ")} first; then --repair unpacks it again`,
    };
  if (!repair) return finding;
  await whileNothingIsHeld(context, async () => removeLayer(context, chainId));
  return { ...finding, remedy: "removed; it is unpacked again when it is used", mended: true };
}
