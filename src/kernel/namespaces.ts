import { readdirSync, readlinkSync } from "node:fs";

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
