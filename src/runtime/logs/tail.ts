import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LOG_BYTES } from "./line.ts";

const CHUNK = 64 * 1024;
const NEWLINE = 10;

/** The raw lines (`LOG_BYTES`) of a file from byte `from` on, without newlines; a last line without newline is given too. */
export function* readLines(path: string, from = 0): Generator<string> {
  const fd = openSync(path, "r");
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    let rest = "";
    let position = from;
    for (;;) {
      const read = readSync(fd, chunk, 0, CHUNK, position);
      if (read === 0) break;
      position += read;
      const lines = (rest + chunk.toString(LOG_BYTES, 0, read)).split("\n");
      rest = lines.pop() ?? "";
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    closeSync(fd);
  }
}

/**
 * Where the last `lines` whole lines of a file begin (as raw lines in the file: partial pieces count), read from
 * the end in chunks. `found` is how many there are from that offset on.
 */
export function tailOffset(path: string, lines: number): { offset: number; found: number } {
  const fd = openSync(path, "r");
  try {
    const size = fstatSync(fd).size;
    if (lines <= 0) return { offset: size, found: 0 };
    const chunk = Buffer.allocUnsafe(CHUNK);
    let end = size;
    let found = 0;
    while (end > 0) {
      const start = Math.max(0, end - CHUNK);
      const read = readSync(fd, chunk, 0, end - start, start);
      for (let index = read - 1; index >= 0; index--) {
        if (chunk[index] !== NEWLINE || start + index === size - 1) continue;
        if (++found === lines) return { offset: start + index + 1, found };
      }
      end = start;
    }
    return { offset: 0, found: size === 0 ? 0 : found + 1 };
  } finally {
    closeSync(fd);
  }
}
