import {
  appendFileSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { hasCode } from "../../errors/errno.ts";
import { namesIn } from "../names-in.ts";
import { deleteTree } from "./delete-tree.ts";

/** Mode as given: chmod after mkdir, for the umask would take bits away. */
export function makeDirectory(path: string, mode: number, gid?: number): void {
  mkdirSync(path, { mode: 0o700 });
  if (gid !== undefined) chownSync(path, 0, gid);
  chmodSync(path, mode);
}

/** The umask of whoever called tspod counts for none of the folders made. */
export function ensureDirectory(path: string, mode: number): void {
  const first = mkdirSync(path, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(path); made.length >= first.length; made = dirname(made)) chmodSync(made, mode);
}

/** Made beside and renamed, so that a crash between mkdir and chmod leaves no folder of another mode. */
export function ensureExact(path: string, mode: number): void {
  if (existsSync(path)) return;
  // No object's name begins with a dot.
  const temporary = join(dirname(path), `.new-${process.pid}-${basename(path)}`);
  rmSync(temporary, { recursive: true, force: true });
  makeDirectory(temporary, mode);
  try {
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    // Somebody else was first, and has put something into it.
    if (!hasCode(error, "EEXIST", "ENOTEMPTY")) throw error;
  }
}

/** An empty file unless there is one; something else in its place is an error. */
export function ensureFile(path: string, mode: number): void {
  ensureDirectory(dirname(path), 0o755);
  try {
    createFile(path, "", mode);
  } catch (error) {
    if (!hasCode(error, "EEXIST") || !statSync(path).isFile()) throw error;
  }
}

/**
 * rm -r that follows no symlink and enters no mount: the callers have unmounted their own, so what is mounted below is
 * somebody else's, and deleting there would delete the files of whoever mounted it. Throws EBUSY naming the mount.
 */
export function removeTree(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    refuseMounts(path);
    if (lstatSync(path, { throwIfNoEntry: false })?.isDirectory()) deleteTree(path);
    else unlink(path);
  }
}

function refuseMounts(path: string): void {
  const mount = mountPoints().find((point) => point.startsWith(`${path}/`));
  if (mount === undefined) return;
  throw Object.assign(new Error(`${mount} is a mount point that is not tspod's: unmount it`), {
    code: "EBUSY",
    path: mount,
  });
}

/** Field 5 of mountinfo, where space, tab, newline and backslash are octal (proc_pid_mountinfo(5)). */
function mountPoints(): string[] {
  return readFileSync("/proc/self/mountinfo", "utf8")
    .split("\n")
    .map((line) =>
      (line.split(" ", 5)[4] ?? "").replace(/\\([0-7]{3})/g, (_, octal) =>
        String.fromCharCode(parseInt(octal, 8)),
      ),
    );
}

/**
 * A new file with exactly this mode, whatever the umask; EEXIST if anything has the name, a symlink included
 * (O_EXCL).
 */
export function createFile(
  path: string,
  data: string | Uint8Array,
  mode: number,
  owner?: { uid: number; gid: number },
): void {
  const fd = openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600);
  try {
    writeAll(fd, typeof data === "string" ? Buffer.from(data, "utf8") : data);
    if (owner) fchownSync(fd, owner.uid, owner.gid);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

/** By a rename in its folder: who reads sees the old content or the new. */
export function replaceFile(path: string, data: string, mode: number): void {
  const temporary = `${path}.${process.pid}.tmp`;
  rmSync(temporary, { force: true });
  createFile(temporary, data, mode);
  renameSync(temporary, path);
}

/** Made with mode 0600 if it is not there. */
export function appendFile(path: string, data: string): void {
  appendFileSync(path, data, { mode: 0o600 });
}

export function symlink(target: string, path: string): void {
  symlinkSync(target, path);
}

/** What is gone already is fine. */
export function unlink(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** Undefined when it is not there. */
export function readFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Names in no order; none when it is not there. */
export function listDirectory(path: string): string[] {
  return namesIn(path);
}

function isMissing(error: unknown): boolean {
  return hasCode(error, "ENOENT", "ENOTDIR");
}

function writeAll(fd: number, data: Uint8Array): void {
  for (let done = 0; done < data.length; ) done += writeSync(fd, data, done);
}
