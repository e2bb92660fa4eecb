import { randomBytes } from "node:crypto";
import {
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { digestOf, digestOfFile, shortDigest } from "./digest.ts";
import { imageError } from "./errors.ts";
import type { Descriptor } from "./oci.ts";
import { MAX_JSON } from "./parse-json.ts";
import type { StorePaths } from "./paths.ts";
import { writeFileWhole } from "./write-file.ts";

/** Whether the store has the blob in its full length. Its bytes were verified when they came in. */
export function hasBlob(paths: StorePaths, descriptor: Descriptor): boolean {
  return statSync(paths.blob(descriptor.digest), { throwIfNoEntry: false })?.size === descriptor.size;
}

/** A manifest or config of the store, verified on every read: it is small, and everything follows from it. */
export function readSmallBlob(path: string, descriptor: Descriptor): Buffer {
  if (descriptor.size > MAX_JSON)
    throw imageError(
      "brokenManifest",
      `${descriptor.mediaType} ${descriptor.digest} claims ${descriptor.size} bytes, more than ${MAX_JSON}`,
    );
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw imageError("storeDamaged", `blob ${descriptor.digest} cannot be read`, {
      cause,
      path,
      hint: "run `tspod image verify`",
    });
  }
  checkBytes(bytes, descriptor);
  return bytes;
}

/** Puts verified bytes into the store; nothing happens if it has them. */
export function putBlob(paths: StorePaths, bytes: Uint8Array, descriptor: Descriptor): void {
  checkBytes(bytes, descriptor);
  if (hasBlob(paths, descriptor)) return;
  makeFolders(paths, descriptor.digest);
  writeFileWhole(paths.blob(descriptor.digest), bytes, paths.ingest);
}

/** Copies a blob file into the store (sharing its blocks where the file system can) and verifies the copy. */
export async function copyBlobIn(paths: StorePaths, from: string, descriptor: Descriptor): Promise<void> {
  if (hasBlob(paths, descriptor)) return;
  makeFolders(paths, descriptor.digest);
  const temporary = join(paths.ingest, `.new-${process.pid}-${randomBytes(4).toString("hex")}`);
  try {
    copyFileSync(from, temporary, constants.COPYFILE_FICLONE);
    await verifyFile(temporary, descriptor);
    renameSync(temporary, paths.blob(descriptor.digest));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** Throws TS6010 unless the file is what the descriptor says: first its length, then its digest. */
export async function verifyFile(path: string, descriptor: Descriptor): Promise<void> {
  const { size } = statSync(path);
  if (size !== descriptor.size) throw wrongSize(descriptor, size);
  const digest = await digestOfFile(path, descriptor.digest);
  if (digest !== descriptor.digest) throw wrongDigest(descriptor, digest);
}

export function makeFolders(paths: StorePaths, digest: string): void {
  mkdirSync(dirname(paths.blob(digest)), { recursive: true, mode: 0o700 });
  if (!existsSync(paths.ingest)) mkdirSync(paths.ingest, { recursive: true, mode: 0o700 });
}

function checkBytes(bytes: Uint8Array, descriptor: Descriptor): void {
  if (bytes.length !== descriptor.size) throw wrongSize(descriptor, bytes.length);
  const digest = digestOf(bytes, descriptor.digest);
  if (digest !== descriptor.digest) throw wrongDigest(descriptor, digest);
}

export function wrongSize(descriptor: Descriptor, size: number): Error {
  return imageError(
    "brokenBlob",
    `blob ${descriptor.digest} has ${size} bytes; its descriptor says ${descriptor.size}`,
  );
}

export function wrongDigest(descriptor: Descriptor, digest: string): Error {
  return imageError(
    "brokenBlob",
    `blob ${shortDigest(descriptor.digest)} does not match its digest: wanted ${descriptor.digest}, the content is ${digest}`,
  );
}
