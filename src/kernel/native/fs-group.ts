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

/** open(2): a handle of the name itself, whatever it is; not in node:fs. */
const O_PATH = 0o10000000;

/**
 * The kubelet's SetVolumeOwnership for what can be written: group `gid`, rw for it, folders setgid. Another pod may be
 * changing the same volume: every name is opened without following links, and acted on by descriptor.
 */
export function fsGroup(path: string, gid: number, onlyOnMismatch: boolean): void {
  const fd = openSync(path, O_PATH | constants.O_NOFOLLOW | constants.O_DIRECTORY);
  try {
    const top = fstatSync(fd);
    if (onlyOnMismatch && top.gid === gid && (top.mode & FOLDER) === FOLDER) return;
    give(fd, { gid, device: top.dev });
  } finally {
    closeSync(fd);
  }
}

const FILE = 0o660;
/** Owner's and group's rw and x, and setgid: what is made inside is the group's too. */
const FOLDER = 0o2770;

/** What is inside first: a folder that has the group and mode is done, which `onlyOnMismatch` relies on. */
function give(fd: number, to: { gid: number; device: number }): void {
  const stats = fstatSync(fd);
  if (stats.dev !== to.device) return;
  if (stats.isDirectory()) for (const name of readdirSync(handle(fd))) giveChild(fd, name, to);
  if (stats.gid !== to.gid) chownSync(handle(fd), stats.uid, to.gid);
  if (!stats.isSymbolicLink()) chmodSync(handle(fd), modeFor(stats));
}

function giveChild(folder: number, name: string, to: { gid: number; device: number }): void {
  let fd: number;
  try {
    fd = openSync(`${handle(folder)}/${name}`, O_PATH | constants.O_NOFOLLOW);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    give(fd, to);
  } finally {
    closeSync(fd);
  }
}

function modeFor(stats: Stats): number {
  return (stats.mode & 0o7777) | (stats.isDirectory() ? FOLDER : FILE);
}

function handle(fd: number): string {
  return `/proc/self/fd/${fd}`;
}
