import { appendFileSync, readFileSync } from "node:fs";

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

/** O_APPEND and one write: lines of several writers do not mix. */
export function appendEvent(file: string, event: PodEvent): void {
  appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
}

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
