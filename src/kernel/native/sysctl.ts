import { readFileSync, writeFileSync } from "node:fs";

/** Sets a sysctl of the host; one that has the value already is not written. */
export function sysctlSet(key: string, value: string): void {
  const file = `/proc/sys/${key}`;
  if (readFileSync(file, "latin1").trim() !== value) writeFileSync(file, value);
}
