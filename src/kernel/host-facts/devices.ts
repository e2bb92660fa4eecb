import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { unlessGone } from "../by-descriptor.ts";

/** A device node of the host, as a privileged container gets it. */
export interface HostDevice {
  path: string;
  /** As stat(2) has it: S_IFCHR or S_IFBLK, and the permissions. */
  mode: number;
  major: number;
  minor: number;
}

/** What a container has of its own, or what is no device (as containerd leaves them out). */
const OWN = new Set(["pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev"]);

/** All device nodes below /dev, without following links, by path. */
export function hostDevices(folder = "/dev"): HostDevice[] {
  // A whole folder goes with the last of its kind (/dev/bus/usb/001).
  const entries = unlessGone(() => readdirSync(folder, { withFileTypes: true })) ?? [];
  return entries
    .filter(({ name }) => folder !== "/dev" || !OWN.has(name))
    .flatMap((entry): HostDevice[] => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return hostDevices(path);
      if (!entry.isCharacterDevice() && !entry.isBlockDevice()) return [];
      // It may be unplugged while we look.
      const found = statSync(path, { throwIfNoEntry: false });
      return found ? [{ path, mode: found.mode, ...numbers(found.rdev) }] : [];
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** makedev(3) as glibc packs it. */
function numbers(device: number): { major: number; minor: number } {
  const bits = BigInt(device);
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & ~0xfffn)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & ~0xffn & 0xffffff00n)),
  };
}
