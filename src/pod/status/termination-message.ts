import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { codeOf } from "../../errors/errno.ts";
import type { Container } from "../../manifest/index.ts";
import { holdLogFiles } from "../../runtime/logs/files.ts";
import { LineJoiner, LOG_BYTES, type LogLine, parseLogLine } from "../../runtime/logs/line.ts";
import type { AttemptPaths } from "../../state/paths.ts";
import type { ExitRecord } from "../../state/record.ts";

/** Bytes of a termination log that are taken, its last ones (the kubelet's numbers, here and below). */
const FILE_LIMIT = 4096;
const LOG_LIMIT = 2048;
const LOG_LINES = 80;
/** What a log's last bytes of text can take in its file: a piece of one byte has 45 before it. */
const RAW_LIMIT = 128 * 1024;

/** Bytes that all messages of one pod may have; each container has an equal share. */
export const POD_MESSAGE_LIMIT = 12 * 1024;

/**
 * What an attempt that has ended left as its message: its termination log or, where the manifest says so, and it failed
 * and wrote none, the end of its log. "" when there is none.
 */
export function terminationMessage(
  container: Pick<Container, "terminationMessagePolicy">,
  { code, signal }: Pick<ExitRecord, "code" | "signal">,
  paths: Pick<AttemptPaths, "terminationLog" | "logDirectory" | "logName">,
): string {
  const written = fileMessage(paths.terminationLog);
  const failed = code !== 0 || signal !== 0;
  if (written !== "" || !failed || container.terminationMessagePolicy !== "FallbackToLogsOnError") {
    return written;
  }
  return logMessage(paths);
}

/** The share of the pod's bytes that one of so many containers has, cut at a character. */
export function shareOf(message: string, containers: number): string {
  const limit = Math.floor(POD_MESSAGE_LIMIT / Math.max(containers, 1));
  const bytes = Buffer.from(message);
  if (bytes.length <= limit) return message;
  let end = limit;
  while (end > 0 && isContinuation(bytes[end])) end--;
  return bytes.toString("utf8", 0, end);
}

/** A container owns its file: it may have made it huge, or, where it reaches the host's folders, something else. */
function fileMessage(path: string): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = codeOf(error);
    return code === "ENOENT" ? "" : unreadable(path, code === "ELOOP" ? "it is a symbolic link" : `${code}`);
  }
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) return unreadable(path, "it is not a file any more");
    return readEnd(fd, status.size, FILE_LIMIT).toString("utf8");
  } finally {
    closeSync(fd);
  }
}

function unreadable(path: string, why: string): string {
  return `Error on reading termination log ${path}: ${why}`;
}

/** At most `limit` bytes before `size`, from the first whole character on. */
function readEnd(fd: number, size: number, limit: number): Buffer {
  const start = Math.max(0, size - limit);
  const buffer = Buffer.alloc(size - start);
  const length = readSync(fd, buffer, 0, buffer.length, start);
  return wholeFrom(buffer.subarray(0, length), start > 0);
}

function wholeFrom(bytes: Buffer, cut: boolean): Buffer {
  let start = 0;
  while (cut && start < 3 && isContinuation(bytes[start])) start++;
  return bytes.subarray(start);
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

function logMessage({ logDirectory, logName }: Pick<AttemptPaths, "logDirectory" | "logName">): string {
  const lines = lastLines(logDirectory, logName).slice(-LOG_LINES);
  const text = Buffer.from(
    lines.map((line) => (line.partial ? line.text : `${line.text}\n`)).join(""),
    LOG_BYTES,
  );
  const cut = text.length > LOG_LIMIT;
  return wholeFrom(cut ? text.subarray(text.length - LOG_LIMIT) : text, cut).toString("utf8");
}

/** The whole lines at the end of a log, and one that was not ended; of a first line that is cut, its end. */
function lastLines(directory: string, name: string): LogLine[] {
  const joiner = new LineJoiner();
  const lines = rawEnd(directory, name).flatMap((raw) => {
    const piece = parseLogLine(raw);
    return (piece && joiner.push(piece)) ?? [];
  });
  return [...lines, ...joiner.rest()];
}

/** The raw lines in the last bytes of an attempt's files. The first may be cut off: so much is read that it is not shown. */
function rawEnd(directory: string, name: string): string[] {
  const { paths, release } = holdLogFiles(directory, name);
  try {
    let text = "";
    for (const path of [...paths].reverse()) {
      if (text.length >= RAW_LIMIT) break;
      const fd = openSync(path, "r");
      try {
        text = readEnd(fd, fstatSync(fd).size, RAW_LIMIT).toString(LOG_BYTES) + text;
      } finally {
        closeSync(fd);
      }
    }
    return text.split("\n");
  } finally {
    release();
  }
}
