import { existsSync, readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive, startTimeOf } from "../../kernel/process-ref.ts";
import type { Host } from "../../runtime/host.ts";

/** How long a killed command may take to be gone before we go on without, ms. */
const KILL_PATIENCE_MS = 2000;

/** `tspod-exec-<pid>-<start time>-<number>`: whose command it is, so that those of supervisors that were killed are known. */
const NAME = /^tspod-exec-(\d+)-(\d+)-\d+$/;

let commands = 0;

/** Folders whose command has ended and left a process that lives on, as a kubelet's commands may. */
const occupied = new Set<string>();

/** Cgroups of containers that were looked through for commands of other supervisors. */
const swept = new Set<string>();

/** Makes a cgroup for one command below its container's, which is gone when the container is. */
export function makeOwnCgroup(host: Host, parent: string): string {
  for (const path of occupied) if (path.startsWith(`${parent}/`)) discardOwnCgroup(host, path);
  if (!swept.has(parent)) sweep(host, parent);
  commands += 1;
  const path = `${parent}/tspod-exec-${process.pid}-${startTimeOf(process.pid)}-${commands}`;
  host.kernel.cgroupCreate(path, false);
  return path;
}

/** Removes it, now or, where a process lives on in it, before a later command. */
export function discardOwnCgroup(host: Host, path: string): void {
  host.kernel.cgroupRemoveIfEmpty(path);
  if (existsSync(path)) occupied.add(path);
  else occupied.delete(path);
}

/** Kills all that is in it, again and again: kernels before 5.14 kill by pid, and miss what is forked meanwhile. */
export async function killOwnCgroup(host: Host, path: string, exited: Promise<unknown>): Promise<void> {
  const end = performance.now() + KILL_PATIENCE_MS;
  const gone = exited.then(() => true);
  while (performance.now() < end) {
    host.kernel.cgroupKill(path);
    const ended = await Promise.race([gone, sleep(10, false)]);
    host.kernel.cgroupRemoveIfEmpty(path);
    if (ended && !existsSync(path)) return;
    if (ended) await sleep(5);
  }
}

/**
 * Ends the commands of a supervisor that was killed: nobody keeps their time any more. What a command that has ended left
 * running stays, as it would have.
 */
function sweep(host: Host, parent: string): void {
  for (const known of swept) if (!existsSync(known)) swept.delete(known);
  swept.add(parent);
  for (const name of listIfThere(parent)) {
    const [, pid, startTime = ""] = NAME.exec(name) ?? [];
    if (pid === undefined || isAlive({ pid: Number(pid), startTime })) continue;
    const path = `${parent}/${name}`;
    if (isAtWork(path)) host.kernel.cgroupKill(path);
    occupied.add(path);
  }
}

/** Whether the command itself runs: its parent is the helper that started it. */
function isAtWork(path: string): boolean {
  const pids = (readIfThere(`${path}/cgroup.procs`) || readIfThere(`${path}/tasks`)).split("\n");
  return pids.some((pid) => {
    const parent = /^PPid:\s*(\d+)$/m.exec(readIfThere(`/proc/${pid}/status`))?.[1];
    return parent !== undefined && readIfThere(`/proc/${parent}/cmdline`).startsWith("tspod-exec");
  });
}

function listIfThere(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
