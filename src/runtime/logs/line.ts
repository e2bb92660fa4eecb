/**
 * How the bytes of logs are kept in strings: one a character. A container may write any bytes, and a long line is parted
 * after 16 KiB in the middle of a character too, so nothing is decoded before its pieces are joined.
 */
export const LOG_BYTES = "latin1";

/** One line of a log in the format that the kubelet and its tools share (CRI). */
export interface LogLine {
  /** RFC 3339 with nanoseconds, as it stands in the file: it sorts as text. */
  time: string;
  stream: "stdout" | "stderr";
  /** Its bytes (`LOG_BYTES`), without the newline. */
  text: string;
  /** The writer had not ended its line: the next piece of this stream belongs to it. */
  partial: boolean;
}

/** `2026-11-21T13:00:00.123456789Z stdout F text`; undefined for what is no such line (a torn write). */
export function parseLogLine(line: string): LogLine | undefined {
  const first = line.indexOf(" ");
  const second = line.indexOf(" ", first + 1);
  if (first < 0 || second < 0) return undefined;
  const third = line.indexOf(" ", second + 1);
  const stream = line.slice(first + 1, second);
  if (stream !== "stdout" && stream !== "stderr") return undefined;
  const tags = line.slice(second + 1, third < 0 ? undefined : third).split(":");
  if (tags[0] !== "F" && tags[0] !== "P") return undefined;
  return {
    time: line.slice(0, first),
    stream,
    text: third < 0 ? "" : line.slice(third + 1),
    partial: tags[0] === "P",
  };
}

/** Joins the pieces of partial lines, each stream by itself; a line carries the time of its first piece. */
export class LineJoiner {
  readonly #open = new Map<LogLine["stream"], LogLine>();

  /** The whole line this piece completes, or undefined while more is to come. */
  push(piece: LogLine): LogLine | undefined {
    const begun = this.#open.get(piece.stream);
    const joined = begun ? { ...begun, text: begun.text + piece.text, partial: piece.partial } : piece;
    if (joined.partial) {
      this.#open.set(piece.stream, joined);
      return undefined;
    }
    this.#open.delete(piece.stream);
    return joined;
  }

  /** What was begun and will not be ended (the writer is gone), oldest first. */
  rest(): LogLine[] {
    const lines = [...this.#open.values()].sort((a, b) => (a.time < b.time ? -1 : 1));
    this.#open.clear();
    return lines;
  }
}
