import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { hasCode } from "../errors/errno.ts";
import { type Listener, parseListeners } from "../net/index.ts";

const tables = [
  ["tcp", "TCP"],
  ["tcp6", "TCP"],
  ["udp", "UDP"],
  ["udp6", "UDP"],
] as const;

/**
 * The listening sockets of a network namespace.
 *
 * @param directory `/proc/net`, or `/proc/<pid>/net` for the namespace of that process
 */
export function readListeners(directory = "/proc/net"): Listener[] {
  return tables.flatMap(([file, protocol]) => parseListeners(readIfThere(`${directory}/${file}`), protocol));
}

/** The process that holds a socket. */
export interface SocketOwner {
  pid: number;
  /** As `ps -o comm` shows it. */
  command: string;
}

/**
 * Processes by the inodes of their sockets. Reads the descriptors of every process, so it is asked only when
 * there is a conflict to explain; a socket may have no process (the kernel's own, NFS for one) or be out of reach.
 *
 * @param inodes those wanted
 */
export function socketOwners(inodes: ReadonlySet<string>): Map<string, SocketOwner> {
  const owners = new Map<string, SocketOwner>();
  for (const pid of listIfThere("/proc").filter((name) => /^\d+$/.test(name))) {
    for (const fd of listIfThere(`/proc/${pid}/fd`)) {
      const inode = /^socket:\[(\d+)\]$/.exec(linkIfThere(`/proc/${pid}/fd/${fd}`))?.[1];
      if (inode === undefined || !inodes.has(inode) || owners.has(inode)) continue;
      owners.set(inode, { pid: Number(pid), command: readIfThere(`/proc/${pid}/comm`).trim() });
      if (owners.size === inodes.size) return owners;
    }
  }
  return owners;
}

// Processes and descriptors come and go while we look, and a kernel without IPv6 has no tcp6: nothing there is no news.
function readIfThere(path: string): string {
  return ifThere(() => readFileSync(path, "latin1")) ?? "";
}

function listIfThere(path: string): string[] {
  return ifThere(() => readdirSync(path)) ?? [];
}

function linkIfThere(path: string): string {
  return ifThere(() => readlinkSync(path)) ?? "";
}

function ifThere<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (hasCode(error, "ENOENT", "ESRCH", "EACCES", "EPERM")) return undefined;
    throw error;
  }
}
