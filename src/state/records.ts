import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readJson, writeJson } from "./json-file.ts";
import { type AttemptPaths, type Paths, type PodPaths, podPaths } from "./paths.ts";
import type { ContainerRecord, ExitRecord, PodRecord, SandboxRecord } from "./record.ts";

/** Uids of all pods of this instance, in no order. */
export function podUids(paths: Paths): string[] {
  try {
    return readdirSync(join(paths.run, "pods")).filter((name) => !name.startsWith("."));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function readPod(paths: Paths, uid: string): PodRecord | undefined {
  return readJson<PodRecord>(join(paths.run, "pods", uid, "pod.json"));
}

export function pathsOfPod(paths: Paths, record: PodRecord): PodPaths {
  return podPaths(paths, record);
}

export function readSandbox(pod: PodPaths): SandboxRecord | undefined {
  return readJson<SandboxRecord>(pod.sandbox);
}

export function writeSandbox(pod: PodPaths, sandbox: SandboxRecord): void {
  writeJson(pod.sandbox, sandbox);
}

export function attemptNumbers(pod: PodPaths, container: string): number[] {
  try {
    return readdirSync(join(pod.containers, container))
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

export function readContainer(attempt: AttemptPaths): ContainerRecord | undefined {
  return readJson<ContainerRecord>(attempt.record);
}

export function writeContainer(attempt: AttemptPaths, record: ContainerRecord): void {
  writeJson(attempt.record, record);
}

export function readExit(attempt: AttemptPaths): ExitRecord | undefined {
  return readJson<ExitRecord>(attempt.exit);
}
