import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { tarStream } from "./tar-writer.mjs";
import { IMAGE_TIME } from "./tree.mjs";

const MEDIA = {
  index: "application/vnd.oci.image.index.v1+json",
  manifest: "application/vnd.oci.image.manifest.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
};

/** Node's names of architectures in Go's spelling, which is the one images use. */
const ARCHITECTURE = {
  x64: "amd64",
  arm64: "arm64",
  ia32: "386",
  arm: "arm",
  ppc64: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
};

/**
 * Writes an image as an OCI layout: complete or not there.
 *
 * @param {string} folder where the layout goes; an earlier one is replaced
 * @param {{ refName: string, layers: import("./tree.mjs").Tree[], config: object, comments: string[], compress?: boolean }} image
 *   `refName`: `org.opencontainers.image.ref.name` of the index; `comments`: how each layer was made; `compress`: gzip
 *   the layers
 * @returns {{ manifest: string, config: string, layers: string[] }} digests
 */
export function writeLayout(folder, { refName, layers, config, comments, compress = false }) {
  const temporary = `${folder}.new-${process.pid}`;
  rmSync(temporary, { recursive: true, force: true });
  mkdirSync(join(temporary, "blobs/sha256"), { recursive: true });
  const written = layers.map((tree) => writeLayer(temporary, tree, compress));
  const created = new Date(IMAGE_TIME * 1000).toISOString().replace(".000", "");
  const configBlob = writeJson(temporary, MEDIA.config, {
    created,
    architecture: ARCHITECTURE[process.arch] ?? process.arch,
    os: "linux",
    config,
    rootfs: { type: "layers", diff_ids: written.map((layer) => layer.diffId) },
    history: comments.map((comment) => ({ created, created_by: comment })),
  });
  const manifest = writeJson(temporary, MEDIA.manifest, {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: configBlob,
    layers: written.map((layer) => layer.descriptor),
  });
  const index = {
    schemaVersion: 2,
    mediaType: MEDIA.index,
    manifests: [{ ...manifest, annotations: { "org.opencontainers.image.ref.name": refName } }],
  };
  writeFileSync(join(temporary, "index.json"), JSON.stringify(index));
  writeFileSync(join(temporary, "oci-layout"), JSON.stringify({ imageLayoutVersion: "1.0.0" }));
  rmSync(folder, { recursive: true, force: true });
  renameSync(temporary, folder);
  return {
    manifest: manifest.digest,
    config: configBlob.digest,
    layers: written.map((layer) => layer.descriptor.digest),
  };
}

function writeLayer(folder, tree, compress) {
  return compress ? writeCompressed(folder, tree) : writePlain(folder, tree);
}

function writePlain(folder, tree) {
  const temporary = join(folder, "layer");
  const hash = createHash("sha256");
  const file = openSync(temporary, "w");
  let size = 0;
  for (const piece of tarStream(tree.entries())) {
    writeSync(file, piece);
    hash.update(piece);
    size += piece.length;
  }
  closeSync(file);
  const hex = hash.digest("hex");
  renameSync(temporary, join(folder, "blobs/sha256", hex));
  const digest = `sha256:${hex}`;
  return { diffId: digest, descriptor: { mediaType: MEDIA.layer, digest, size } };
}

function writeCompressed(folder, tree) {
  const tar = Buffer.concat([...tarStream(tree.entries())]);
  const diffId = `sha256:${createHash("sha256").update(tar).digest("hex")}`;
  const descriptor = writeBlob(folder, `${MEDIA.layer}+gzip`, gzipSync(tar, { level: 6 }));
  return { diffId, descriptor };
}

function writeJson(folder, mediaType, value) {
  return writeBlob(folder, mediaType, Buffer.from(JSON.stringify(value)));
}

function writeBlob(folder, mediaType, bytes) {
  const hex = createHash("sha256").update(bytes).digest("hex");
  writeFileSync(join(folder, "blobs/sha256", hex), bytes);
  return { mediaType, digest: `sha256:${hex}`, size: bytes.length };
}
