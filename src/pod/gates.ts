import { join } from "node:path";
import type { Host } from "../runtime/host.ts";
import type { PodPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { journalFolders, keepRecord } from "./kept.ts";

/** Whether the pod waits for somebody to take its scheduling gates away (KEP-3521). */
export function isGated({ pod }: Pick<PodRecord, "pod">): boolean {
  return (pod.spec?.schedulingGates ?? []).length > 0;
}

/** A pod that waits has folders and a record, and nothing of the kernel's. */
export function makeFolders(host: Host, record: PodRecord, paths: PodPaths): void {
  journalFolders(host, paths);
  host.kernel.ensureDirectory(paths.containers, 0o700);
  host.kernel.ensureDirectory(paths.lib, 0o711);
  host.kernel.ensureDirectory(join(paths.lib, "containers"), 0o711);
  host.kernel.ensureDirectory(paths.logs, 0o755);
  if (!record.foreground) keepRecord(paths, record);
}

export function waitAtGates(host: Host, record: PodRecord, paths: PodPaths): void {
  makeFolders(host, record, paths);
  inTurn(paths, () => {
    const now = readSandbox(paths);
    if (now?.phase === "creating") writeSandbox(paths, { ...now, phase: "gated" });
  });
}

/** The gates are gone: the pod gets its first sandbox as one that is started again gets its next. */
export function openGates(paths: PodPaths): void {
  inTurn(paths, () => {
    const now = readSandbox(paths);
    const startedAt = new Date().toISOString();
    if (now?.phase === "gated") writeSandbox(paths, { ...now, phase: "recreating", fresh: true, startedAt });
  });
}
