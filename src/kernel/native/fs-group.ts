import {
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readdirSync,
  type Stats,
} from "node:fs";
import { O_PATH, unlessGone, within } from "../by-descriptor.ts";

/** Folders below folders: each holds a descriptor while what is in it is given away. */
const MAX_DEPTH = 1000;

interface Level {
  fd: number;
  stats: Stats;
  names: string[];
}

/**
 * The kubelet's SetVolumeOwnership for what can be written: group `gid`, rw for it, folders setgid. Another pod may be
 * changing the same volume: every name is opened without following links, and acted on by descriptor.
 */
export function fsGroup(path: string, gid: number, onlyOnMismatch: boolean): void {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  const top = fstatSync(fd);
  const levels: Level[] = [enter(fd, top)];
  try {
    if (onlyOnMismatch && top.gid === gid && (top.mode & FOLDER) === FOLDER) return;
    for (let level = levels.at(-1); level; level = levels.at(-1)) {
      const name = level.names.pop();
      if (name === undefined) {
        // What is inside comes first: a folder that has the group and mode is done, which `onlyOnMismatch` relies on.
        give(level.fd, level.stats, gid);
        closeSync((levels.pop() as Level).fd);
        continue;
      }
      const child = openChild(level.fd, name, top.dev);
      if (!child) continue;
      if (child.stats.isDirectory()) levels.push(child);
      else {
        give(child.fd, child.stats, gid);
        closeSync(child.fd);
      }
      if (levels.length > MAX_DEPTH)
        throw new Error(`${path} has folders that are more than ${MAX_DEPTH} deep`);
    }
  } finally {
    for (const level of levels) closeSync(level.fd);
  }
}

const FILE = 0o660;
/** Owner's and group's rw and x, and setgid: what is made inside is the group's too. */
const FOLDER = 0o2770;

function enter(fd: number, stats: Stats): Level {
  return { fd, stats, names: stats.isDirectory() ? readdirSync(handle(fd), "latin1") : [] };
}

/** Undefined for what is gone, or mounted there. */
function openChild(folder: number, name: string, device: number): Level | undefined {
  const fd = unlessGone(() => openSync(within(folder, name), O_PATH | constants.O_NOFOLLOW));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd);
  if (stats.dev === device) return enter(fd, stats);
  closeSync(fd);
  return undefined;
}

function give(fd: number, stats: Stats, gid: number): void {
  if (stats.gid !== gid) chownSync(handle(fd), stats.uid, gid);
  if (!stats.isSymbolicLink()) chmodSync(handle(fd), modeFor(stats));
}

function modeFor(stats: Stats): number {
  return (stats.mode & 0o7777) | (stats.isDirectory() ? FOLDER : FILE);
}

function handle(fd: number): string {
  return `/proc/self/fd/${fd}`;
}
