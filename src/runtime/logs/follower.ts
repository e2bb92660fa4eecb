import { closeSync, fstatSync, lstatSync, readSync } from "node:fs";
import { logFiles, openLogFile } from "./files.ts";
import { LineJoiner, LOG_BYTES, type LogLine, parseLogLine } from "./line.ts";
import type { LogSource } from "./read.ts";

const CHUNK = 64 * 1024;

/**
 * Reads a log as it grows, by being asked: `poll` returns what is new. It holds the current file open, so what is
 * written before a rotation is read to its end before the next file is begun; files rotated twice between two
 * polls are found by inode.
 */
export class LogFollower {
  readonly #source: LogSource;
  readonly #chunk = Buffer.allocUnsafe(CHUNK);
  readonly #joiner = new LineJoiner();
  #fd = -1;
  #inode = -1;
  #position = 0;
  #rest = "";

  constructor(source: LogSource) {
    this.#source = source;
  }

  /** Passes over everything that is there now. */
  skipToEnd(): void {
    const current = logFiles(this.#source.directory, this.#source.name).at(-1);
    if (current === undefined) return;
    this.#open(current);
    if (this.#fd >= 0) this.#position = fstatSync(this.#fd).size;
  }

  /** The lines completed since the last call. */
  poll(): LogLine[] {
    const lines: LogLine[] = [];
    for (;;) {
      if (this.#fd < 0 && !this.#openNext()) return lines;
      this.#read(lines);
      if (!this.#wasRotated()) return lines;
      // Written between our last read and the rename.
      this.#read(lines);
      this.#close();
    }
  }

  /** What is left when the writer has gone: new lines, then unfinished ones. */
  finish(): LogLine[] {
    const lines = [...this.poll(), ...this.#joiner.rest()];
    this.#close();
    return lines;
  }

  #read(lines: LogLine[]): void {
    for (;;) {
      const read = readSync(this.#fd, this.#chunk, 0, CHUNK, this.#position);
      if (read === 0) return;
      this.#position += read;
      const raw = (this.#rest + this.#chunk.toString(LOG_BYTES, 0, read)).split("\n");
      this.#rest = raw.pop() ?? "";
      for (const text of raw) {
        const piece = parseLogLine(text);
        const line = piece && this.#joiner.push(piece);
        if (line) lines.push(line);
      }
    }
  }

  #wasRotated(): boolean {
    const current = logFiles(this.#source.directory, this.#source.name).at(-1);
    return current !== undefined && inodeOf(current) !== this.#inode;
  }

  /** The file after the one read last: the oldest at the beginning. */
  #openNext(): boolean {
    const files = logFiles(this.#source.directory, this.#source.name);
    const last = files.findIndex((file) => inodeOf(file) === this.#inode);
    const next = files[last + 1];
    return next !== undefined && this.#open(next);
  }

  #open(path: string): boolean {
    const fd = openLogFile(path);
    if (fd === undefined) return false;
    this.#fd = fd;
    this.#inode = fstatSync(this.#fd).ino;
    this.#position = 0;
    this.#rest = "";
    return true;
  }

  #close(): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

function inodeOf(path: string): number {
  try {
    return lstatSync(path).ino;
  } catch {
    return 0;
  }
}
