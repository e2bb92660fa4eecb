import {
  closeSync,
  constants,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { codeOf, hasCode } from "../errors/errno.ts";
import { TspodError } from "../errors/tspod-error.ts";

/**
 * Shared folders this process has made, with what was written to their `cgroup.subtree_control`. Another
 * command that removes the last pod may take such a folder away between our making it and our using it; then
 * it is made again, the same.
 */
const shared = new Map<string, Set<string>>();

/** Makes a cgroup. One that is there already is an error (EEXIST) unless `isShared`. */
export function createCgroup(path: string, isShared: boolean): void {
  if (isShared) {
    if (!shared.has(path)) shared.set(path, new Set());
    ensureFolder(path);
    return;
  }
  withShared(dirname(path), () => mkdirSync(path, 0o755));
}

/** Writes one value to a file of a cgroup, which must be there. */
export function writeCgroup(file: string, value: string): void {
  const folder = dirname(file);
  if (basename(file) === "cgroup.subtree_control") shared.get(folder)?.add(value);
  withShared(folder, () => writeOnce(file, value));
}

function writeOnce(file: string, value: string): void {
  const fd = openSync(file, constants.O_WRONLY);
  try {
    writeSync(fd, value);
  } catch (error) {
    throw explained(error as NodeJS.ErrnoException, file);
  } finally {
    closeSync(fd);
  }
}

function ensureFolder(path: string): void {
  try {
    mkdirSync(path, 0o755);
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** Runs `act`; if the shared folder it works in has gone, makes that again and tries once more, a few times. */
function withShared(folder: string, act: () => void): void {
  for (let attempt = 0; ; attempt++) {
    try {
      act();
      return;
    } catch (error) {
      const values = shared.get(folder);
      if (!hasCode(error, "ENOENT") || values === undefined || attempt === 5) throw error;
      ensureFolder(folder);
      try {
        for (const value of values) writeOnce(join(folder, "cgroup.subtree_control"), value);
      } catch (again) {
        if (!hasCode(again, "ENOENT")) throw again;
      }
    }
  }
}

/** Kills every process in a cgroup and below. Does not wait; nothing there is fine. */
export function killCgroup(path: string): void {
  try {
    writeOnce(join(path, "cgroup.kill"), "1");
  } catch (error) {
    const code = codeOf(error);
    if (code === "ENOENT") signalAll(path);
    else if (code !== "ENODEV") throw error;
  }
}

/**
 * v1, and v2 before Linux 5.14: signals by pid. The caller repeats it until the cgroup is empty, for what was
 * forked meanwhile.
 */
function signalAll(path: string): void {
  for (const folder of [path, ...descendants(path)]) {
    for (const pid of pidsIn(folder)) {
      try {
        // The pid may have ended and been given away since it was read: only a member is signalled.
        if (isMember(pid, path)) process.kill(pid, "SIGKILL");
      } catch (error) {
        if (!hasCode(error, "ESRCH")) throw error;
      }
    }
  }
}

function isMember(pid: number, path: string): boolean {
  const tail = path.split("/").slice(-2).join("/");
  return (readOr(`/proc/${pid}/cgroup`) ?? "").split("\n").some((line) => line.includes(`/${tail}`));
}

/** How long a killed cgroup may take to empty before it is an error, ms. */
const removalTimeout = 20_000;

/**
 * Kills what is inside, waits until it is empty, and removes the folder and those below, deepest first. Gone
 * is fine. Throws TS4311 naming the processes that would not go.
 */
export function removeCgroup(path: string): void {
  const end = performance.now() + removalTimeout;
  for (let pause = 0.5; ; pause = Math.min(5, pause * 2)) {
    if (tryRemove(path)) return;
    killCgroup(path);
    if (performance.now() > end) throw stuck(path);
    sleep(pause);
  }
}

/** Removes a cgroup that has neither processes nor cgroups in it; any other is left, and gone is fine. */
export function removeCgroupIfEmpty(path: string): void {
  // A v1 or v2 folder whose last process has just ended may be busy for a moment longer, and it is longer on a busy machine.
  for (let pause = 0.5; ; pause *= 2) {
    try {
      rmdirSync(path);
    } catch (error) {
      const code = codeOf(error);
      if (code === "EBUSY" && pause <= 512 && descendants(path).length === 0 && pidsIn(path).length === 0) {
        sleep(pause);
        continue;
      }
      if (code !== "ENOENT" && code !== "EBUSY" && code !== "ENOTEMPTY") throw error;
    }
    return;
  }
}

function tryRemove(path: string): boolean {
  for (const folder of [...descendants(path).reverse(), path]) {
    try {
      rmdirSync(folder);
    } catch (error) {
      if (hasCode(error, "EBUSY", "ENOTEMPTY")) return false;
      if (!hasCode(error, "ENOENT")) throw error;
    }
  }
  return true;
}

/** Whether a process is in the cgroup or below; false when it is gone. */
export function cgroupPopulated(path: string): boolean {
  const events = readOr(join(path, "cgroup.events"));
  if (events !== undefined) return /^populated 1$/m.test(events);
  return [path, ...descendants(path)].some((folder) => pidsIn(folder).length > 0);
}

/** Process ids in the cgroup and below, as this process's PID namespace numbers them. */
export function cgroupPids(path: string): number[] {
  return [path, ...descendants(path)].flatMap(pidsIn);
}

/** Folders below a cgroup, parents before children. */
function descendants(path: string): string[] {
  let entries: import("node:fs").Dirent[];
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
  return folders.flatMap((folder) => [folder, ...descendants(folder)]);
}

function pidsIn(folder: string): number[] {
  // 0 stands for a process of another PID namespace.
  return (readOr(join(folder, "cgroup.procs")) ?? "")
    .split("\n")
    .map(Number)
    .filter((pid) => pid > 0);
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Blocks this thread without using the CPU. */
function sleep(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

function stuck(path: string): TspodError {
  const pids = cgroupPids(path);
  return new TspodError({
    code: "TS4311",
    message: `cgroup ${path} is still in use by ${pids.length === 0 ? "the kernel" : `process ${pids.join(", ")}`} after SIGKILL and ${removalTimeout / 1000} s`,
    hint: "a process in uninterruptible sleep (state D in ps) cannot be killed until its I/O ends",
    path,
    errno: "EBUSY",
    syscall: "rmdir",
  });
}

/** The kernel's errno for a refused value says little: adds what it means here. */
function explained(error: NodeJS.ErrnoException, file: string): NodeJS.ErrnoException {
  error.path ??= file;
  if (error.code === "EBUSY" && basename(file) === "cgroup.subtree_control") {
    error.message +=
      " (processes in this cgroup itself: v2 hands controllers down only from a cgroup without any)";
  }
  return error;
}
