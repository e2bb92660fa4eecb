import { closeSync, fstatSync, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { hasCode } from "../../errors/errno.ts";
import { openRegular, unlessGone } from "../../kernel/by-descriptor.ts";

/**
 * The files of one attempt, oldest first, the current one last: `0.log` and what rotation has put aside. Names of
 * rotated files: `0.log.1` is younger than `0.log.2`; `0.log.20261121-130000` (the kubelet's) is younger the
 * greater. The current file may be missing for a moment, between the two renames of a rotation. Containers that collect logs
 * can often write to their folders: what is no regular file is none of ours.
 */
export function logFiles(directory: string, name: string): string[] {
  let entries: string[];
  try {
    entries = readdirSync(directory, { withFileTypes: true }).flatMap((entry) =>
      entry.isFile() ? [entry.name] : [],
    );
  } catch (error) {
    if (hasCode(error, "ENOENT")) return [];
    throw error;
  }
  const numbered = entries
    .filter((entry) => entry.startsWith(`${name}.`) && /^\d{1,6}$/.test(entry.slice(name.length + 1)))
    .sort((a, b) => Number(b.slice(name.length + 1)) - Number(a.slice(name.length + 1)));
  const dated = entries
    .filter((entry) => entry.startsWith(`${name}.`) && /^\d{8}-\d{6}$/.test(entry.slice(name.length + 1)))
    .sort();
  return [...dated, ...numbered, ...entries.filter((entry) => entry === name)].map((entry) =>
    join(directory, entry),
  );
}

export interface HeldFiles {
  paths: string[];
  release(): void;
}

/** How often a list is made anew because a rotation came in between; a flood rotates some thirty times a second. */
const TRIES = 50;

/** The files of one attempt under names (of our descriptors) that no rotation changes while they are read. */
export function holdLogFiles(directory: string, name: string): HeldFiles {
  for (let tries = 1; ; tries++) {
    const names = logFiles(directory, name);
    const fds = names.flatMap(openIfThere);
    const release = () => {
      for (const fd of fds.splice(0)) closeSync(fd);
    };
    const settled =
      fds.length === names.length && fds.every((fd, index) => isNamed(fd, names[index] as string));
    if (settled || tries === TRIES) return { paths: fds.map((fd) => `/proc/self/fd/${fd}`), release };
    release();
  }
}

function openIfThere(path: string): number[] {
  const fd = openLogFile(path);
  return fd === undefined ? [] : [fd];
}

/** Undefined when it is gone, or has been replaced by something else. */
export function openLogFile(path: string): number | undefined {
  return unlessGone(() => openRegular(path));
}

function isNamed(fd: number, path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.ino === fstatSync(fd).ino;
}
