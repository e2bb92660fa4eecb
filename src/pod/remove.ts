import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasCode } from "../errors/errno.ts";
import type { TspodError } from "../errors/tspod-error.ts";
import type { Host } from "../runtime/host.ts";
import { idRangeDirectory } from "../runtime/id-ranges.ts";
import { networkLock, undoSandbox } from "../runtime/sandbox.ts";
import { type DaemonPaths, daemonPaths, removeDaemonFiles } from "../state/daemon-files.ts";
import { isDiskFull } from "../state/disk-full.ts";
import { takeLock } from "../state/lock.ts";
import { releaseName } from "../state/names.ts";
import { tidyObjects } from "../state/objects.ts";
import { type PodPaths, podPaths } from "../state/paths.ts";
import type { PodRecord } from "../state/record.ts";
import { readSandbox, writeSandbox } from "../state/records.ts";
import { inTurn } from "../state/turn.ts";
import { type StopOptions, stopPod } from "./stop.ts";
import type { PodView } from "./view.ts";
import { freshSandbox } from "./views.ts";

export interface RemoveOptions extends StopOptions {
  /** KILL at once. */
  force?: boolean;
}

/** Stops the pod if it runs, and leaves nothing of it. Returns what could not be taken away. */
export async function removePod(
  host: Host,
  view: PodView,
  options: RemoveOptions = {},
): Promise<TspodError[]> {
  const paths = podPaths(host.paths, view.record);
  // A command in the foreground holds the lock for as long as the pod lives; it lets go when the containers are gone.
  const lock = takeLock(paths.lock, { wait: false, make: false });
  try {
    if (!options.force && view.sandbox.phase !== "stopped")
      await stopPod(host, view, { ...options, deleting: true });
    return removeStopped(host, view.record, paths);
  } finally {
    lock?.release();
  }
}

/**
 * Takes back everything the journal has, then name and folders. What is running is killed. Can be repeated after any
 * interruption: the journal goes last.
 *
 * In turn: of two who remove a pod at once, the second finds nothing, and so takes nothing from a new pod that has the
 * name or the ports by then.
 */
export function removeStopped(host: Host, record: PodRecord, paths: PodPaths): TspodError[] {
  const failures = inTurnIfPossible(paths, () => {
    announce(paths);
    const failures = undoSandbox(host, paths);
    if (failures.length > 0) return failures;
    releaseName(host.paths, record);
    discard(paths.run);
    return [];
  });
  if (failures.length === 0) tidy(host);
  return failures;
}

/** On a full disk there may be no room for the turn's file: what is to free space does without. */
function inTurnIfPossible(paths: PodPaths, work: () => TspodError[]): TspodError[] {
  try {
    return inTurn(paths, work) ?? [];
  } catch (error) {
    if (!isDiskFull(error)) throw error;
    return work();
  }
}

/**
 * So that a removal that is killed is finished by the next command. On a full disk it goes on unannounced: it frees
 * space.
 */
function announce(paths: PodPaths): void {
  try {
    writeSandbox(paths, { ...(readSandbox(paths) ?? freshSandbox()), phase: "removing" });
  } catch (error) {
    if (!isDiskFull(error)) throw error;
  }
}

/** One rename makes the pod invisible; what a crash leaves of the rest has a name that only rubbish has. */
export function discard(folder: string): void {
  const trash = join(dirname(folder), `.trash-${process.pid}-${folder.slice(folder.lastIndexOf("/") + 1)}`);
  try {
    renameSync(folder, trash);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return;
    throw error;
  }
  rmSync(trash, { recursive: true, force: true });
}

/**
 * Folders that hold nothing any more go too, so that a machine without pods looks as if there had never been one.
 * Under the lock that every pod is made under: a folder is not taken away between being made and being used.
 */
export function tidy(host: Host): void {
  do {
    if (!existsSync(host.paths.run)) return;
    const lock = takeLock(networkLock(host), { wait: false });
    // Whoever tidies already looks once more when it has let go.
    if (!lock) return;
    try {
      tidyFolders(host);
    } finally {
      lock.release();
    }
  } while (isEmpty(join(host.paths.run, "pods")));
}

function tidyFolders(host: Host): void {
  const { run, lib, logs, rootId } = host.paths;
  tidyObjects(host.paths);
  for (const folder of [join(run, "pods"), join(run, "names"), join(lib, "pods")]) removeIfOnly(folder, []);
  if (!existsSync(join(run, "pods"))) tidyDaemon(daemonPaths(host.paths));
  // A kubelet on this machine keeps its logs there as well.
  if (rootId !== "") removeIfOnly(logs, []);
  removeIfOnly(join(run, "network", "addresses"), ["last"]);
  removeIfOnly(idRangeDirectory(host), ["last"]);
  // Whoever waits for the lock notices that its file is gone, and makes it anew.
  removeIfOnly(join(run, "network"), ["lock"]);
  removeIfOnly(run, []);
}

/** The daemon takes its files with it, unless it is killed. The lock is shared: who has it alone is taken for a daemon. */
function tidyDaemon(paths: DaemonPaths): void {
  if (!existsSync(paths.folder)) return;
  const lock = takeLock(paths.lock, { wait: false, mode: "shared" });
  if (!lock) return;
  try {
    removeDaemonFiles(paths);
  } finally {
    lock.release();
  }
}

function isEmpty(folder: string): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return false;
  }
}

function removeIfOnly(folder: string, allowed: string[]): void {
  try {
    const names = readdirSync(folder);
    if (names.some((name) => !allowed.includes(name))) return;
    for (const name of names) rmSync(join(folder, name), { force: true });
    rmdirSync(folder);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTEMPTY")) throw error;
  }
}
