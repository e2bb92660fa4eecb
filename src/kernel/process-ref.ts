import { readFileSync } from "node:fs";
import type { ProcessRef } from "./kernel.ts";

/**
 * Field 22 of /proc/<pid>/stat: clock ticks after boot when the process began. With the pid it names a process for
 * ever.
 */
export function startTimeOf(pid: number): string | undefined {
  const stat = readStat(pid);
  return stat?.[19];
}

/** Whether this very process is there and has not ended (a zombie has). */
export function isAlive({ pid, startTime }: ProcessRef): boolean {
  const stat = readStat(pid);
  return stat !== undefined && stat[19] === startTime && stat[0] !== "Z" && stat[0] !== "X";
}

/** The fields after the command name, which may itself hold spaces and parentheses; [0] is field 3, the state. */
function readStat(pid: number): string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, "latin1");
  } catch {
    return undefined;
  }
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
