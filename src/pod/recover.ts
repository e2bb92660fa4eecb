import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { namesIn } from "../kernel/names-in.ts";
import type { Host } from "../runtime/host.ts";
import { idRangeDirectory } from "../runtime/id-ranges.ts";
import { networkLock } from "../runtime/sandbox.ts";
import { takeLock, withLock } from "../state/lock.ts";
import { allNames, releaseLink } from "../state/names.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../state/record.ts";
import { podUids, readPod, readSandbox } from "../state/records.ts";
import { restoreAfterReboot } from "./kept.ts";
import { discard, removeStopped, tidy } from "./remove.ts";
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
  const notes: RecoveryNote[] = restoreAfterReboot(host).map((pod) => ({
    pod,
    action: "stopped",
    message: "the machine was restarted; `tspod start` starts the pod again",
  }));
  for (const uid of podUids(host.paths)) {
    const run = join(host.paths.run, "pods", uid);
    if (!needsRepair(host, uid)) continue;
    const lock = takeLock(join(run, "lock"), { wait: false, make: false });
    if (!lock) continue;
    try {
      // Looked at again: whoever held the lock until now may have brought the pod to a good end.
      if (!needsRepair(host, uid)) continue;
      const record = readPod(host.paths, uid);
      if (!record) {
        // Killed before the record was complete: nothing outside this folder had been made. Renamed first: its maker may
        // be alive, and about to take the lock that is in it.
        discard(run);
        continue;
      }
      const now = readSandbox(podPaths(host.paths, record));
      notes.push(repair(host, record, now));
    } finally {
      lock.release();
    }
  }
  releaseNames(host);
  removeTrash(host);
  return notes;
}

function needsRepair(host: Host, uid: string): boolean {
  const record = readPod(host.paths, uid);
  const sandbox = record && readSandbox(podPaths(host.paths, record));
  return !record || !sandbox || isUnfinished(record, sandbox);
}

function isUnfinished(record: PodRecord, sandbox: SandboxRecord): boolean {
  const { phase, deleting } = sandbox;
  if (phase === "creating" || phase === "removing") return true;
  if (phase === "stopped" && deleting) return true;
  // An end that was interrupted has asked the containers already: they still have the time they were given.
  if (phase === "stopping" || phase === "ending") return Date.now() >= stopDeadline(record, sandbox);
  return record.foreground;
}

function repair(host: Host, record: PodRecord, sandbox: SandboxRecord | undefined): RecoveryNote {
  const paths = podPaths(host.paths, record);
  const pod = `${record.namespace}/${record.name}`;
  if ((sandbox?.phase === "stopping" || sandbox?.phase === "ending") && !record.foreground) {
    finishPod(host, paths, sandbox);
    const what = sandbox.phase === "ending" ? "end" : "stop";
    if (!sandbox.deleting) return { pod, action: "stopped", message: `an interrupted ${what} was finished` };
  }
  const failures = removeStopped(host, record, paths);
  const what =
    sandbox?.phase === "removing" || sandbox?.deleting
      ? "an interrupted removal was finished"
      : "what an interrupted run left was removed";
  const rest = failures.map((failure) => `; left: ${failure.message}`).join("");
  return { pod, action: "removed", message: `${what}${rest}` };
}

/** Under a lock, for of two who release a name the second could meet it as that of a new pod. */
function releaseNames(host: Host): void {
  const without = () =>
    allNames(host.paths).filter(({ uid }) => !existsSync(join(host.paths.run, "pods", uid)));
  if (without().length === 0) return;
  withLock(networkLock(host), () => {
    for (const name of without()) releaseLink(name);
  });
}

/** What killed commands left in the middle of a write or of a removal. */
function removeTrash(host: Host): void {
  const { run } = host.paths;
  if (!existsSync(run)) return;
  const folder = join(run, "pods");
  const trash = host.kernel.listDirectory(folder).filter((name) => name.startsWith(".trash-"));
  for (const name of trash) rmSync(join(folder, name), { recursive: true, force: true });
  removeHalfWritten(host);
  tidy(host);
}

/** Addresses and ranges of ids under their temporary names; who writes one holds the lock. */
function removeHalfWritten(host: Host): void {
  const folders = [join(host.paths.run, "network", "addresses"), idRangeDirectory(host)];
  const temporaries = () =>
    folders.flatMap((folder) =>
      namesIn(folder).flatMap((name) => (name.endsWith(".tmp") ? [join(folder, name)] : [])),
    );
  if (temporaries().length === 0) return;
  withLock(networkLock(host), () => {
    for (const path of temporaries()) rmSync(path, { force: true });
  });
}
