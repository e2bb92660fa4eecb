import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { ReadEntry } from "tar";
import { imageError } from "../errors.ts";
import type { StoreContext } from "../store.ts";

/** The files of an outer archive (`docker save`, oci-archive), each under a name of ours in a folder of ours. */
export interface OpenArchive {
  folder: string;
  /** The host path of a member, symlinks and hardlinks of the archive followed; undefined if there is none. */
  file(member: string): string | undefined;
  members(): string[];
  close(): void;
}

const MAX_LINKS = 10;

/**
 * Takes an archive apart. No name in it becomes a path on the host: files are stored by the digest of their name, so
 * there is nothing to escape from. The archive may be compressed with gzip.
 */
export async function openArchive(context: StoreContext, path: string): Promise<OpenArchive> {
  const { Parser } = await import("tar");
  mkdirSync(context.paths.ingest, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(context.paths.ingest, ".new-archive-"));
  const links = new Map<string, string>();
  const files = new Map<string, string>();
  const writes: Promise<unknown>[] = [];
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry: ReadEntry) => {
      const name = clean(entry.path);
      if (entry.type === "SymbolicLink") links.set(name, clean(join("/", name, "..", entry.linkpath ?? "")));
      else if (entry.type === "Link") links.set(name, clean(entry.linkpath ?? ""));
      else if (entry.type === "File" || entry.type === "OldFile") {
        const stored = join(folder, createHash("sha256").update(name).digest("hex"));
        files.set(name, stored);
        writes.push(
          pipeline(entry as unknown as NodeJS.ReadableStream, createWriteStream(stored, { mode: 0o600 })),
        );
        return;
      }
      entry.resume();
    },
  });
  const close = () => rmSync(folder, { recursive: true, force: true });
  try {
    await pipeline(
      createReadStream(path, { highWaterMark: 1 << 20 }),
      parser as unknown as NodeJS.WritableStream,
    );
    await Promise.all(writes);
  } catch (cause) {
    await Promise.allSettled(writes);
    close();
    throw imageError("badSource", `${path} cannot be read as an archive: ${(cause as Error).message}`, {
      cause,
      path,
    });
  }
  const file = (member: string) => {
    let name = clean(member);
    for (let i = 0; i < MAX_LINKS && links.has(name); i++) name = links.get(name)!;
    return files.get(name);
  };
  return { folder, file, members: () => [...files.keys()], close };
}

function clean(name: string): string {
  return join("/", name).slice(1);
}
