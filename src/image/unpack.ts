import { createHash } from "node:crypto";
import { createReadStream, mkdirSync } from "node:fs";
import { PassThrough } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { imageError } from "./errors.ts";
import type { Compression } from "./oci.ts";

export interface UnpackSpec {
  /** The blob's file. */
  blob: string;
  /** Its digest, for messages. */
  digest: string;
  compression: Compression;
  /** The digest of the uncompressed layer, which the content must have. */
  diffId: string;
  /** An empty folder that becomes the layer's root. */
  into: string;
}

export interface Unpacked {
  /** Bytes of the uncompressed layer. */
  bytes: number;
  /** Folders that hide what lower layers have beneath them, as `/a/b`. */
  opaque: string[];
}

/** Unpacks a layer into a folder of its own and proves that it was the layer that the image names. */
export async function unpackLayer(spec: UnpackSpec): Promise<Unpacked> {
  const { extract } = await import("tar");
  mkdirSync(spec.into, { mode: 0o755 });
  const hash = createHash("sha256");
  let bytes = 0;
  const counted = new PassThrough();
  counted.on("data", (piece: Buffer) => {
    hash.update(piece);
    bytes += piece.length;
  });
  const source = createReadStream(spec.blob);
  const into = extract({
    cwd: spec.into,
    preserveOwner: true,
    preservePaths: true,
    strict: true,
    umask: 0,
  } as object);
  const plain = spec.compression === "gzip" ? source.pipe(createGunzip()) : source;
  await pipeline(plain, counted, into as unknown as NodeJS.WritableStream);
  const digest = `sha256:${hash.digest("hex")}`;
  if (digest !== spec.diffId)
    throw imageError(
      "brokenLayer",
      `layer ${spec.digest} unpacks to ${digest}; the image's config says ${spec.diffId}`,
    );
  return { bytes, opaque: [] };
}
