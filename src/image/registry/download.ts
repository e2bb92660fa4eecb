import { createHash, type Hash } from "node:crypto";
import { createReadStream, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { join } from "node:path";
import { hasBlob, makeFolders, wrongDigest, wrongSize } from "../blobs.ts";
import { splitDigest } from "../digest.ts";
import { withFolderLock } from "../lock.ts";
import type { Descriptor } from "../oci.ts";
import type { OnProgress } from "../progress.ts";
import type { StoreContext } from "../store.ts";
import { failedResponse } from "./responses.ts";
import { type RetryOptions, retrying, TransientError } from "./retry.ts";
import type { Session } from "./session.ts";

/** Progress is told at most so often, in bytes. */
const TELL_EVERY = 1 << 20;

/** Bytes of a blob that are on this machine, with their digest so far. */
interface Part {
  file: FileHandle;
  hash: Hash;
  size: number;
}

/**
 * Downloads a blob into the store: once, whoever else wants it; onwards from where an earlier attempt stopped; its
 * digest verified before it becomes a blob. Throws TS6010 when the content is another.
 */
export async function downloadBlob(
  context: StoreContext,
  session: Session,
  descriptor: Descriptor,
  retry: RetryOptions,
  onProgress?: OnProgress,
): Promise<void> {
  const { paths } = context;
  const { digest, size: total } = descriptor;
  const folder = join(paths.ingest, splitDigest(digest).hex);
  const tell = (done: number) => onProgress?.({ kind: "layer", digest, phase: "downloading", done, total });
  makeFolders(paths, digest);
  await withFolderLock(
    folder,
    context.addon,
    async () => {
      if (hasBlob(paths, descriptor)) return rmSync(folder, { recursive: true, force: true });
      const partial = join(folder, "partial");
      const part = await openPart(partial, descriptor);
      try {
        let before = part.size;
        await retrying(
          retry,
          () => fetchRest(session, descriptor, part, tell),
          () => {
            const further = part.size > before;
            before = part.size;
            return further;
          },
        );
        await part.file.datasync();
      } finally {
        await part.file.close();
      }
      commit(part, descriptor, partial, folder);
      renameSync(partial, paths.blob(digest));
      rmSync(folder, { recursive: true, force: true });
    },
    () => onProgress?.({ kind: "layer", digest, phase: "waiting", done: 0, total }),
  );
}

/** A wrong blob is not kept: the next attempt starts afresh. */
function commit(part: Part, descriptor: Descriptor, partial: string, folder: string): void {
  const { algorithm } = splitDigest(descriptor.digest);
  const found = `${algorithm}:${part.hash.digest("hex")}`;
  const error =
    statSync(partial).size !== descriptor.size
      ? wrongSize(descriptor, part.size)
      : found !== descriptor.digest
        ? wrongDigest(descriptor, found)
        : undefined;
  if (error === undefined) return;
  rmSync(folder, { recursive: true, force: true });
  throw error;
}

async function openPart(path: string, descriptor: Descriptor): Promise<Part> {
  mkdirSync(join(path, ".."), { recursive: true, mode: 0o700 });
  const file = await open(path, "a+", 0o600);
  const hash = createHash(splitDigest(descriptor.digest).algorithm);
  const { size } = await file.stat();
  if (size > descriptor.size) {
    await file.truncate(0);
    return { file, hash, size: 0 };
  }
  for await (const piece of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(piece);
  return { file, hash, size };
}

async function fetchRest(
  session: Session,
  descriptor: Descriptor,
  part: Part,
  tell: (done: number) => void,
): Promise<void> {
  if (part.size === descriptor.size) return;
  const range: Record<string, string> = part.size > 0 ? { range: `bytes=${part.size}-` } : {};
  const response = await session.get(`blobs/${descriptor.digest}`, range);
  if (response.statusCode === 200 && part.size > 0) await restart(part, descriptor);
  else if (response.statusCode === 206) checkRange(response, part.size);
  else if (response.statusCode !== 200)
    throw await failedResponse(response, `blob ${descriptor.digest}`, session.host);
  await append(response, descriptor, part, tell);
  if (part.size < descriptor.size)
    throw new TransientError(
      `${session.host} ended blob ${descriptor.digest} after ${part.size} of ${descriptor.size} bytes`,
    );
}

/** A registry that does not know ranges sends everything again. */
async function restart(part: Part, descriptor: Descriptor): Promise<void> {
  await part.file.truncate(0);
  part.hash = createHash(splitDigest(descriptor.digest).algorithm);
  part.size = 0;
}

function checkRange(response: IncomingMessage, from: number): void {
  const range = String(response.headers["content-range"] ?? "");
  if (range.startsWith(`bytes ${from}-`)) return;
  response.destroy();
  throw new TransientError(`the registry sent "${range}" when asked for the bytes from ${from} on`);
}

async function append(
  response: IncomingMessage,
  descriptor: Descriptor,
  part: Part,
  tell: (done: number) => void,
): Promise<void> {
  let told = part.size;
  for await (const piece of response as AsyncIterable<Buffer>) {
    if (part.size + piece.length > descriptor.size) {
      response.destroy();
      throw wrongSize(descriptor, part.size + piece.length);
    }
    await part.file.appendFile(piece);
    part.hash.update(piece);
    part.size += piece.length;
    if (part.size - told >= TELL_EVERY || part.size === descriptor.size) {
      told = part.size;
      tell(told);
    }
  }
}
