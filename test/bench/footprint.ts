import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tspod } from "./tspod.ts";

/** What an idle pod goes on costing. */
export interface Footprint {
  helperBytes: number;
  processes: {
    pid: number;
    comm: string;
    role: "holder" | "monitor";
    pssKiB: number;
    idleTicks: number;
    wakeUps: number;
  }[];
  idleSeconds: number;
}

/** Starts a pod, watches its holder and monitors for a while without touching it, and removes it. */
export async function footprintOf(tspod: Tspod, checkout: string, seconds = 5): Promise<Footprint> {
  await tspod.start();
  try {
    await sleep(500);
    const helpers = helpersOf(tspod.root);
    const before = new Map(helpers.map(({ pid }) => [pid, usage(pid)]));
    await sleep(seconds * 1000);
    return {
      helperBytes: statSync(join(checkout, "dist/tspod-helper")).size,
      idleSeconds: seconds,
      processes: helpers.map(({ pid, comm }) => {
        const now = usage(pid);
        const then = before.get(pid) ?? now;
        return {
          pid,
          comm,
          role: hasChildren(pid) ? ("monitor" as const) : ("holder" as const),
          pssKiB: pssOf(pid),
          idleTicks: now.ticks - then.ticks,
          wakeUps: now.switches - then.switches,
        };
      }),
    };
  } finally {
    await tspod.stop();
  }
}

/** Processes that run tspod's helper and are named in the state below the root. */
export function helpersOf(root: string): { pid: number; comm: string }[] {
  const pods = join(root, "run/tspod/pods");
  const named = new Set(
    readdirSync(pods, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith(".json"))
      .flatMap((entry) => [
        ...readFileSync(join(entry.parentPath, entry.name), "utf8").matchAll(/"pid":\s*(\d+)/g),
      ])
      .map((match) => Number(match[1])),
  );
  return [...named].flatMap((pid) => {
    try {
      if (!readlinkSync(`/proc/${pid}/exe`).startsWith("/memfd:")) return [];
      return [{ pid, comm: readFileSync(`/proc/${pid}/comm`, "utf8").trim() }];
    } catch {
      return [];
    }
  });
}

const hasChildren = (pid: number) => readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim() !== "";

/** The process's share of memory in KiB; pages that several have count in parts. */
export function pssOf(pid: number): number {
  const line = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"));
  return Number(line?.[1] ?? Number.NaN);
}

/** Clock ticks in user and system mode, and how often the process was given a processor. */
export function usage(pid: number): { ticks: number; switches: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const switches = [...readFileSync(`/proc/${pid}/status`, "utf8").matchAll(/ctxt_switches:\s+(\d+)/g)];
  return {
    ticks: Number(fields[11]) + Number(fields[12]),
    switches: switches.reduce((sum, match) => sum + Number(match[1]), 0),
  };
}
