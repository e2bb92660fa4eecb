import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { TspodRoot } from "../../support/tspod.ts";

/** The pids of a pod's processes as the host sees them. */
export interface PodPids {
  infra: number;
  of(container: string): number;
}

export async function pidsOf(tspod: TspodRoot, name: string): Promise<PodPids> {
  const { status } = await tspod.inspect(name);
  const all = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  return {
    infra: status.infra.pid,
    of: (container) => {
      const pid = all.find((one: { name: string }) => one.name === container)?.pid;
      if (typeof pid !== "number") throw new Error(`${container} of ${name} has no process`);
      return pid;
    },
  };
}

/** Of the daemon of this root; undefined when there is none. */
export function daemonPid({ dir }: TspodRoot): number | undefined {
  const mark = `--root\0${dir}\0daemon`;
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(mark);
      } catch {
        return false;
      }
    });
}

/** A long sleep that no other process of the machine sleeps: files run side by side, and `ps` shows what all of them run. */
export const sleepOfItsOwn = (): string => `sleep ${randomInt(1_000_000, 1_000_000_000)}`;

/** `net:[4026531840]` */
export function namespaceOf(pid: number | "self", kind: string): string {
  return readlinkSync(`/proc/${pid}/ns/${kind}`);
}

/** A line of /proc/PID/status, without its name. */
export function statusLine(pid: number, name: string): string {
  const line = readFileSync(`/proc/${pid}/status`, "utf8")
    .split("\n")
    .find((one) => one.startsWith(`${name}:`));
  if (line === undefined) throw new Error(`no ${name} in /proc/${pid}/status`);
  return line.slice(name.length + 1).trim();
}

/** Field `n` of proc_pid_stat(5), from 1 as the manual counts; 3 and more only. */
export function statField(pid: number, n: number): string {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[n - 3] as string;
}

export function isAlive(pid: number): boolean {
  try {
    return statField(pid, 3) !== "Z";
  } catch {
    return false;
  }
}

/** What the process has open, by descriptor number. */
export function descriptors(pid: number): Map<string, string> {
  return new Map(readdirSync(`/proc/${pid}/fd`).map((fd) => [fd, readlinkSync(`/proc/${pid}/fd/${fd}`)]));
}

/** Runs a program of the host; throws, with what it printed, when it fails. */
export function host(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}
