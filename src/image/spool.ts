import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { writingStore } from "./errors.ts";
import type { StoreContext } from "./store.ts";

/**
 * Gives `work` a file that can be read more than once: a pipe, or "-" for standard input, is copied into the store
 * for as long as the work lasts.
 */
export async function spooled<T>(
  context: StoreContext,
  path: string,
  work: (file: string) => Promise<T>,
): Promise<T> {
  const stat = path === "-" ? undefined : statSync(path, { throwIfNoEntry: false });
  if (path !== "-" && !stat?.isFIFO() && !stat?.isCharacterDevice()) return work(path);
  mkdirSync(context.paths.ingest, { recursive: true, mode: 0o700 });
  const folder = mkdtempSync(join(context.paths.ingest, ".new-input-"));
  const file = join(folder, "input");
  try {
    const input = path === "-" ? process.stdin : createReadStream(path);
    await writingStore(() => pipeline(input, createWriteStream(file, { mode: 0o600 })));
    return await work(file);
  } catch (error) {
    if (error instanceof Error)
      error.message = error.message.replaceAll(file, path === "-" ? "standard input" : path);
    throw error;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
