import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { codeOf } from "../errors/errno.ts";
import { splitDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import { displayName, findImage } from "./find.ts";
import { hold } from "./hold.ts";
import { readDocuments } from "./image.ts";
import { type Descriptor, REF_NAME } from "./oci.ts";
import type { ImageRecord } from "./records.ts";
import { parseReference } from "./reference.ts";
import { type LocalSource, parseSource } from "./sources/parse-source.ts";
import type { StoreContext } from "./store.ts";

/**
 * Writes images as skopeo, podman and docker read them: `oci:DIR[:REF]`, `oci-archive:FILE[:REF]`,
 * `docker-archive:FILE`.
 */
export async function saveImages(
  context: StoreContext,
  wanted: string[],
  target: LocalSource,
): Promise<ImageRecord[]> {
  if (target.kind === "rootfs" || target.kind === "tarball")
    throw imageError("badSource", `an image cannot be saved as ${target.kind}:`, {
      hint: "use oci:DIR, oci-archive:FILE or docker-archive:FILE",
    });
  if (existsSync(target.path))
    throw imageError("badSource", `${target.path} is there already`, {
      path: target.path,
      hint: "remove it, or name another",
    });
  const records = wanted.map((name) => findImage(context, name));
  const temporary = besideTarget(target.path);
  let release: (() => void) | undefined;
  try {
    release = await hold(context);
    if (target.kind === "docker-archive") writeDocker(context, records, temporary);
    else writeLayout(context, records, temporary, target.ref);
    if (target.kind === "oci") renameSync(temporary, target.path);
    else await archive(temporary, target.path);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
    release?.();
  }
  return records;
}

function besideTarget(path: string): string {
  try {
    return mkdtempSync(`${path}.new-`);
  } catch (cause) {
    const code = codeOf(cause);
    throw imageError("badSource", `nothing can be written to ${dirname(path)}: ${code}`, { cause, path });
  }
}

function writeLayout(
  context: StoreContext,
  records: ImageRecord[],
  folder: string,
  ref: string | undefined,
): void {
  const manifests = records.map((record) => {
    for (const blob of blobsOf(context, record))
      copyBlob(context, blob, join(folder, "blobs", ...Object.values(splitDigest(blob.digest))));
    return { ...record.manifest, annotations: { [REF_NAME]: ref ?? shortRef(record) } };
  });
  writeFileSync(
    join(folder, "index.json"),
    JSON.stringify({ schemaVersion: 2, mediaType: "application/vnd.oci.image.index.v1+json", manifests }),
  );
  writeFileSync(join(folder, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
}

/** `docker load` takes layers as they are stored, compressed or not. */
function writeDocker(context: StoreContext, records: ImageRecord[], folder: string): void {
  const images = records.map((record) => {
    const { manifest } = readDocuments(context.paths, record.manifest);
    const put = (blob: Descriptor, suffix: string) => {
      const name = `${splitDigest(blob.digest).hex}${suffix}`;
      copyBlob(context, blob, join(folder, name));
      return name;
    };
    const isNamed = parseSource(record.ref) === undefined && parseReference(record.ref).tag !== undefined;
    return {
      Config: put(manifest.config, ".json"),
      RepoTags: isNamed ? [displayName(record).replace(/@.*$/, "")] : [],
      Layers: manifest.layers.map((layer) => put(layer, ".tar")),
    };
  });
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(images));
}

/** The name within a layout: what other tools take after the colon, so the tag alone where there is one. */
function shortRef(record: ImageRecord): string {
  return parseSource(record.ref) === undefined ? (parseReference(record.ref).tag ?? "latest") : "latest";
}

function blobsOf(context: StoreContext, record: ImageRecord): Descriptor[] {
  const { manifest } = readDocuments(context.paths, record.manifest);
  return [record.manifest, manifest.config, ...manifest.layers];
}

function copyBlob(context: StoreContext, blob: Descriptor, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  if (!existsSync(to)) copyFileSync(context.paths.blob(blob.digest), to, constants.COPYFILE_FICLONE);
}

/** The same image gives the same archive: sorted, without this machine's owners and times. */
async function archive(folder: string, path: string): Promise<void> {
  const { create } = await import("tar");
  const members = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
  const temporary = `${path}.new-${process.pid}`;
  try {
    await create({ cwd: folder, file: temporary, portable: true, noMtime: true, strict: true }, members);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
