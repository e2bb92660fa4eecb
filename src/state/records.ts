import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import { namesIn } from "../kernel/names-in.ts";
import { readJson, writeJson, writeJsonIfThere } from "./json-file.ts";
import { type AttemptPaths, type Paths, type PodPaths, waitingPath } from "./paths.ts";
import type {
  ContainerRecord,
  ExitRecord,
  HealthRecord,
  PodRecord,
  SandboxRecord,
  WaitingRecord,
} from "./record.ts";

/** Uids of all pods of this instance, in no order. */
export function podUids(paths: Paths): string[] {
  return namesIn(join(paths.run, "pods")).filter((name) => !name.startsWith("."));
}

/** What was asked for; undefined when there is no such pod, or its record is not whole yet. */
export function readPod(paths: Paths, uid: string): PodRecord | undefined {
  return readJson<PodRecord>(join(paths.run, "pods", uid, "pod.json"));
}

/** What there is of the pod; undefined until the first of it has been written. */
export function readSandbox(pod: PodPaths): SandboxRecord | undefined {
  return readJson<SandboxRecord>(pod.sandbox);
}

/** Replaces `state.json` whole; the caller holds the pod's lock. */
export function writeSandbox(pod: PodPaths, sandbox: SandboxRecord): void {
  writeJson(pod.sandbox, sandbox);
}

/** Attempts of a container, oldest first; none when it was never created. */
export function attemptNumbers(pod: PodPaths, container: string): number[] {
  return namesIn(join(pod.containers, container))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/** Undefined for an attempt that is being made. */
export function readContainer(attempt: AttemptPaths): ContainerRecord | undefined {
  return readJson<ContainerRecord>(attempt.record);
}

/** Replaces `container.json` whole; the caller holds the pod's lock. */
export function writeContainer(attempt: AttemptPaths, record: ContainerRecord): void {
  writeJson(attempt.record, record);
}

/** Undefined while the container runs, and when its monitor was killed (docs/protocol.md). */
export function readExit(attempt: AttemptPaths): ExitRecord | undefined {
  return readJson<ExitRecord>(attempt.exit);
}

/** Undefined as long as nothing has been said of the attempt. */
export function readHealth(attempt: AttemptPaths): HealthRecord | undefined {
  return readJson<HealthRecord>(attempt.health);
}

/** The folder may be gone: a pod is removed without asking whoever probes it. */
export function writeHealth(attempt: AttemptPaths, health: HealthRecord): void {
  writeJsonIfThere(attempt.health, health);
}

/** Undefined when the container has never waited; `after` says whether it still does. */
export function readWaiting(pod: PodPaths, container: string): WaitingRecord | undefined {
  return readJson<WaitingRecord>(waitingPath(pod, container));
}

/** The pod may be gone, as with `writeHealth`. */
export function writeWaiting(pod: PodPaths, container: string, waiting: WaitingRecord): void {
  const path = waitingPath(pod, container);
  makeFolder(dirname(path));
  writeJsonIfThere(path, waiting);
}

/** Not with what it lies in, which may be gone. */
function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (!hasCode(error, "EEXIST", "ENOENT")) throw error;
  }
}
