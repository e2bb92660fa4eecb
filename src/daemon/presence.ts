import { closeSync, openSync } from "node:fs";
import { loadAddon } from "../kernel/load-addon.ts";
import { readBootId } from "../runtime/boot.ts";
import type { Host } from "../runtime/host.ts";
import { daemonPaths } from "../state/daemon-files.ts";
import { podPaths } from "../state/paths.ts";
import type { PodRecord, SandboxRecord } from "../state/record.ts";
import { podUids, readPod, readSandbox } from "../state/records.ts";
import { workloadsToTend } from "../workload/tended.ts";

/** Whether there is a daemon: its lock is held. Makes nothing. */
export function isDaemonThere(host: Host): boolean {
  let fd: number;
  try {
    fd = openSync(daemonPaths(host.paths).lock, "r");
  } catch {
    return false;
  }
  try {
    return !loadAddon().flock(fd, "shared", true);
  } finally {
    closeSync(fd);
  }
}

/** Whether there is anything for a daemon to do. */
export function isDaemonWanted(host: Host): boolean {
  return detachedPods(host).length > 0 || workloadsToTend(host) > 0;
}

/** Uids of the pods that are a daemon's to look after: detached, and not over. */
export function detachedPods(host: Host): string[] {
  const boot = readBootId();
  return podUids(host.paths).filter((uid) => {
    const record = readPod(host.paths, uid);
    const sandbox = record && readSandbox(podPaths(host.paths, record));
    return record !== undefined && sandbox !== undefined && isDetached(record, sandbox, boot);
  });
}

function isDetached(record: PodRecord, { phase }: SandboxRecord, boot: string): boolean {
  if (record.foreground || record.bootId !== boot) return false;
  if (phase === "gated") return true;
  return phase === "ready" || phase === "recreating" || phase === "ending" || phase === "stopping";
}
