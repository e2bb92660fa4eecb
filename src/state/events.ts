import { appendFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { codeOf, hasCode } from "../errors/errno.ts";
import { isDiskFull } from "./disk-full.ts";
import { combineEvents } from "./events-combine.ts";

/** One event, worded as the kubelet words it. */
export interface PodEvent {
  /** RFC 3339. */
  time: string;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** `spec.containers{web}`, or "" for the pod. */
  object: string;
  /** Of several that are kept as one: how many, and when the first was; `time` is when the last was. */
  count?: number;
  firstTime?: string;
}

/**
 * Bytes of events after which they are combined. A probe that fails every second for weeks has something to say each
 * time, and /run is memory.
 */
const LIMIT = 256 * 1024;

/** Bytes that the combined ones may take; the oldest go. */
const KEPT = 128 * 1024;

/** O_APPEND and one write: lines of several writers do not mix. On a full disk the event is lost, nothing else. */
export function appendEvent(file: string, event: PodEvent): void {
  try {
    appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
    if (statSync(file).size > LIMIT) setAside(file);
  } catch (error) {
    const code = codeOf(error);
    // Another writer may set the same file aside, or remove the pod.
    if (!isDiskFull(error) && code !== "ENOENT") throw error;
  }
}

/** All events, oldest first; a line that a crash cut off is left out. Old ones are combined. */
export function readEvents(file: string): PodEvent[] {
  return [...readLines(combinedOf(file)), ...readLines(fullOf(file)), ...readLines(file)];
}

const combinedOf = (file: string) => `${file}.1`;
/** What is being combined; there after a crash only. */
const fullOf = (file: string) => `${file}.2`;

/** Moved away first, so that what others append meanwhile goes into a new file. */
function setAside(file: string): void {
  const [full, combined] = [fullOf(file), combinedOf(file)];
  const before = [...readLines(combined), ...readLines(full)];
  renameSync(file, full);
  const lines = combineEvents([...before, ...readLines(full)]).map((one) => JSON.stringify(one));
  let size = 0;
  const kept = lines.reverse().filter((line) => {
    size += Buffer.byteLength(line) + 1;
    return size <= KEPT;
  });
  const temporary = `${combined}.${process.pid}.tmp`;
  writeFileSync(temporary, kept.reverse().join("\n").concat("\n"), { mode: 0o600 });
  renameSync(temporary, combined);
  rmSync(full, { force: true });
}

function readLines(file: string): PodEvent[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  return text.split("\n").flatMap((line) => {
    try {
      return line === "" ? [] : [JSON.parse(line) as PodEvent];
    } catch {
      return [];
    }
  });
}
