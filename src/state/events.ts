import { appendFileSync, readFileSync } from "node:fs";
import { isDiskFull } from "./disk-full.ts";

/** One event, worded as the kubelet words it. */
export interface PodEvent {
  /** RFC 3339. */
  time: string;
  type: "Normal" | "Warning";
  reason: string;
  message: string;
  /** `spec.containers{web}`, or "" for the pod. */
  object: string;
}

/** O_APPEND and one write: lines of several writers do not mix. On a full disk the event is lost, nothing else. */
export function appendEvent(file: string, event: PodEvent): void {
  try {
    appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

/** All events, oldest first; a line that a crash cut off is left out. */
export function readEvents(file: string): PodEvent[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
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
