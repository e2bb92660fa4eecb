import { existsSync, lstatSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "../runtime/host.ts";
import { takeLock } from "../state/lock.ts";
import { allNames } from "../state/names.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../state/record.ts";
import { podUids, readPod, readSandbox } from "../state/records.ts";
import { removeStopped, tidy } from "./remove.ts";
import { finishPod, stopDeadline } from "./stop.ts";

export interface RecoveryNote {
  /** `namespace/name`, or the uid where the record was never written. */
  pod: string;
  /** What was done about it. */
  action: "removed" | "stopped";
  message: string;
}

/**
 * Finishes or undoes what a command left that was killed. A pod's lock tells the two apart: it is held as long as a
 * command works on the pod, and the kernel lets go of it however that command ends.
 */
export function recover(host: Host): RecoveryNote[] {
  const notes: RecoveryNote[] = [];
  for (const uid of podUids(host.paths)) {
    const run = join(host.paths.run, "pods", uid);
    const record = readPod(host.paths, uid);
    const paths = record && podPaths(host.paths, record);
    const sandbox = paths && readSandbox(paths);
    if (record && sandbox && !isUnfinished(record, sandbox)) continue;
    const lock = takeLock(join(run, "lock"), { wait: false });
    if (!lock) continue;
    try {
      if (!record || !paths) {
        // Killed before the record was complete: nothing outside this folder had been made.
        rmSync(run, { recursive: true, force: true });
        continue;
      }
      const now = readSandbox(paths);
      if (now && !isUnfinished(record, now)) continue;
      notes.push(repair(host, record, now));
    } finally {
      lock.release();
    }
  }
  for (const { link, uid } of allNames(host.paths)) {
    if (!existsSync(join(host.paths.run, "pods", uid)) && !isBeingClaimed(link))
      rmSync(link, { force: true });
  }
  removeTrash(host);
  return notes;
}

function isUnfinished(record: PodRecord, sandbox: SandboxRecord): boolean {
  const { phase } = sandbox;
  if (phase === "creating" || phase === "removing") return true;
  // A stop that was interrupted has asked the containers already: they still have the time they were given.
  if (phase === "stopping") return Date.now() >= stopDeadline(record, sandbox);
  return record.foreground && phase === "ready";
}

function repair(host: Host, record: PodRecord, sandbox: SandboxRecord | undefined): RecoveryNote {
  const paths = podPaths(host.paths, record);
  const pod = `${record.namespace}/${record.name}`;
  if (sandbox?.phase === "stopping") {
    finishPod(host, paths, {});
    return { pod, action: "stopped", message: "an interrupted stop was finished" };
  }
  const failures = removeStopped(host, record, paths);
  const what =
    sandbox?.phase === "removing"
      ? "an interrupted removal was finished"
      : "what an interrupted run left was removed";
  const rest = failures.map((failure) => `; left: ${failure.message}`).join("");
  return { pod, action: "removed", message: `${what}${rest}` };
}

/** A name is taken an instant before its folder is made: one that is younger than that is left alone. */
function isBeingClaimed(link: string): boolean {
  try {
    return Date.now() - lstatSync(link).mtimeMs < 5000;
  } catch {
    return false;
  }
}

function removeTrash(host: Host): void {
  const folder = join(host.paths.run, "pods");
  if (!existsSync(folder)) return;
  const trash = readdirSync(folder).filter((name) => name.startsWith(".trash-"));
  for (const name of trash) rmSync(join(folder, name), { recursive: true, force: true });
  tidy(host);
}
