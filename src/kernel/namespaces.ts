import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** `readlink /proc/<pid>/ns/*`: kind → `net:[4026532177]`; {} when the process is gone or out of reach. */
export function namespaceLinks(pid: number): Record<string, string> {
  const folder = `/proc/${pid}/ns`;
  try {
    return Object.fromEntries(
      readdirSync(folder)
        .filter((kind) => !kind.endsWith("_for_children"))
        .map((kind) => [kind, readlinkSync(`${folder}/${kind}`)]),
    );
  } catch {
    return {};
  }
}

/** Ids of a user namespace: `inside` and up are `outside` and up to us. */
export interface IdMapping {
  inside: number;
  outside: number;
  size: number;
}

/** The map of user ids of a process; [] when the process is gone or out of reach. */
export function uidMap(pid: number | "self"): IdMapping[] {
  try {
    return parseIdMap(readFileSync(`/proc/${pid}/uid_map`, "latin1"));
  } catch {
    return [];
  }
}

/** Lines of uid_map and gid_map (user_namespaces(7)). */
export function parseIdMap(text: string): IdMapping[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .flatMap(([inside = 0, outside = 0, size]) => (size === undefined ? [] : [{ inside, outside, size }]));
}
