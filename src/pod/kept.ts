import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Journal } from "../engine/journal.ts";
import { namesIn } from "../kernel/names-in.ts";
import type { Host } from "../runtime/host.ts";
import { readJson, writeJson, writeJsonIfThere } from "../state/json-file.ts";
import { takeLock } from "../state/lock.ts";
import { takeName } from "../state/names.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { writeSandbox } from "../state/records.ts";
import { freshSandbox } from "./views.ts";

/**
 * Keeps a detached pod's record where the machine's restart does not take it, beside its volumes; it goes with them, and
 * may have gone with them already, when another command removes the pod.
 */
export function keepRecord(paths: PodPaths, record: PodRecord): void {
  writeJsonIfThere(paths.kept, record, { durable: true });
}

/**
 * After a restart of the machine /run is empty: pods whose records were kept are shown as what they are, stopped, and can
 * be started or removed. Returns their names.
 */
export function restoreAfterReboot(host: Host): string[] {
  return namesIn(join(host.paths.lib, "pods")).flatMap((uid) => {
    if (existsSync(join(host.paths.run, "pods", uid))) return [];
    const record = readJson<PodRecord>(join(host.paths.lib, "pods", uid, "pod.json"));
    if (!record) return [];
    const paths = podPaths(host.paths, record);
    const lock = takeLock(paths.lock, { wait: false });
    try {
      // Several commands may come at once after a restart: what one has restored, and maybe started, is not restored again.
      if (!lock || existsSync(paths.record)) return [];
      restore(host, record);
    } finally {
      lock?.release();
    }
    return [`${record.namespace}/${record.name}`];
  });
}

/** First of all for a pod that no sandbox plan has made folders for: whoever removes it finds what there is. */
export function journalFolders(host: Host, { journal, lib, logs }: PodPaths): void {
  new Journal(host.kernel, journal).record([
    { op: "remove-tree", path: lib },
    { op: "remove-tree", path: logs },
  ]);
}

function restore(host: Host, record: PodRecord): void {
  const paths = podPaths(host.paths, record);
  mkdirSync(paths.run, { recursive: true, mode: 0o700 });
  journalFolders(host, paths);
  writeFileSync(paths.turn, "", { mode: 0o600 });
  takeName(host.paths, record);
  writeSandbox(paths, {
    ...freshSandbox(),
    phase: "stopped",
    ...(record.endedAs
      ? { finalPhase: record.endedAs }
      : {
          reason: "HostRebooted",
          message: `The machine was restarted while the pod ran; \`tspod start ${record.name}\` starts it again`,
        }),
    stoppedAt: host.now().toISOString(),
  });
  writeJson(paths.record, record);
}
