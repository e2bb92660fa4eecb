import type { Readable, Writable } from "node:stream";

/**
 * Writes, and lets `source` rest until `target` has taken it. What came in one piece may be many writes: the first that
 * is not taken at once waits for all of them.
 */
export function writeOrPause(source: Readable, target: Writable, bytes: Buffer): void {
  if (target.write(bytes) || source.isPaused()) return;
  source.pause();
  target.once("drain", () => source.resume());
}
