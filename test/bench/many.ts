import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { helpersOf, pssOf, usage } from "./footprint.ts";
import { sleepers, timed } from "./subject.ts";

/** What many idle pods cost together, and the daemon that looks after them. */
export interface Many {
  pods: number;
  /** Holders and monitors, without the daemon. */
  helpersPssKiB: number;
  daemon: { pid: number; rssKiB: number; pssKiB: number; cpuPercent: number; wakeUpsPerSecond: number };
  idleSeconds: number;
}

/** Starts the pods, leaves them alone for a while, and removes them. */
export async function manyOf(checkout: string, pods: number, seconds: number): Promise<Many> {
  const root = mkdtempSync(join(tmpdir(), "tspod-bench-"));
  const tspod = (...args: string[]) => timed(join(checkout, "bin/tspod"), ["--root", root, ...args]);
  try {
    const manifests = Array.from({ length: pods }, (_, index) => sleepers(`idle-${index}`, 2, "busybox"));
    const file = join(root, "pods.yaml");
    writeFileSync(file, manifests.join("\n---\n"));
    await tspod("run", "-q", "-d", file);
    const pid = daemonOf(root);
    // Taking over so many pods makes garbage; what is looked at is the rest after it.
    await sleep(10_000);
    const before = usage(pid);
    await sleep(seconds * 1000);
    const after = usage(pid);
    const ticksPerSecond = 100;
    return {
      pods,
      helpersPssKiB: helpersOf(root).reduce((sum, helper) => sum + pssOf(helper.pid), 0),
      daemon: {
        pid,
        rssKiB: rssOf(pid),
        pssKiB: pssOf(pid),
        cpuPercent: (((after.ticks - before.ticks) / ticksPerSecond) * 100) / seconds,
        wakeUpsPerSecond: (after.switches - before.switches) / seconds,
      },
      idleSeconds: seconds,
    };
  } finally {
    await tspod("rm", "-f", "--all").catch(() => undefined);
    // The daemon takes its own files away meanwhile.
    for (let left = 100; left > 0 && existsSync(join(root, "run/tspod")); left--) await sleep(100);
    rmSync(root, { recursive: true, force: true });
  }
}

function daemonOf(root: string): number {
  const wanted = `--root\0${root}\0daemon`;
  const pid = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .find((name) => commandLine(name).includes(wanted));
  if (pid === undefined) throw new Error(`no daemon of ${root} is running`);
  return Number(pid);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

function rssOf(pid: number): number {
  const line = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  return Number(line?.[1] ?? Number.NaN);
}
