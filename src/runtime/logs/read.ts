import { holdLogFiles } from "./files.ts";
import { LineJoiner, type LogLine, parseLogLine } from "./line.ts";
import { readLines, tailOffset } from "./tail.ts";

/** One attempt's log: its folder and the name of the current file, `0.log`. */
export interface LogSource {
  directory: string;
  name: string;
}

export interface ReadOptions {
  /** Only the last so many lines. */
  tail?: number;
  /** Only lines at or after this moment. */
  since?: Date;
}

/** The lines that are there now, rotated files included, partial lines joined, oldest first. */
export function readLog(source: LogSource, options: ReadOptions = {}): Generator<LogLine> {
  return readHeld(source, options);
}

function* readHeld(source: LogSource, { tail, since }: ReadOptions): Generator<LogLine> {
  const { paths, release } = holdLogFiles(source.directory, source.name);
  try {
    yield* tail === undefined ? readForward(paths, since) : readTail(paths, tail, since);
  } finally {
    release();
  }
}

function* readForward(files: readonly string[], since: Date | undefined): Generator<LogLine> {
  const joiner = new LineJoiner();
  for (const file of files) {
    for (const line of joined(joiner, file, 0)) if (isSince(line, since)) yield line;
  }
  for (const line of joiner.rest()) if (isSince(line, since)) yield line;
}

/**
 * Reads back from the end until enough whole lines are there; a long run of partial pieces takes another, longer
 * try.
 */
function* readTail(files: readonly string[], tail: number, since: Date | undefined): Generator<LogLine> {
  for (let wanted = tail + 1; tail > 0; wanted *= 4) {
    const { starts, complete } = placesFromEnd(files, wanted);
    const joiner = new LineJoiner();
    const lines = starts.flatMap(({ file, offset }) => [...joined(joiner, file, offset)]);
    lines.push(...joiner.rest());
    // The first line may be the end of one begun before the place we started at.
    const sure = complete ? lines : lines.slice(1);
    if (sure.length < tail && !complete) continue;
    for (const line of sure.slice(-tail)) if (isSince(line, since)) yield line;
    return;
  }
}

function placesFromEnd(files: readonly string[], wanted: number) {
  const starts: { file: string; offset: number }[] = [];
  let missing = wanted;
  for (const file of [...files].reverse()) {
    const { offset, found } = tailOffset(file, missing);
    starts.unshift({ file, offset });
    missing -= found;
    if (missing <= 0) return { starts, complete: false };
  }
  return { starts, complete: true };
}

function* joined(joiner: LineJoiner, file: string, offset: number): Generator<LogLine> {
  for (const raw of readLines(file, offset)) {
    const piece = parseLogLine(raw);
    const line = piece && joiner.push(piece);
    if (line) yield line;
  }
}

/** Compares to the millisecond; the log has nanoseconds. */
export function isSince(line: LogLine, since: Date | undefined): boolean {
  return since === undefined || Date.parse(line.time) >= since.getTime();
}
