import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { AttemptFolders, PodFolders } from "../plan/folders.ts";
import { fileName } from "./file-name.ts";

/** Where everything of one tspod instance is. Every path follows from one root option. */
export interface Paths {
  /** "/" by default; tests give each run its own. */
  root: string;
  /** "" for the default root, else eight characters that make bridge, table and cgroup names its own. */
  rootId: string;
  /** State that a reboot clears: `<root>/run/tspod`. */
  run: string;
  /** State that a reboot keeps: `<root>/var/lib/tspod`. */
  lib: string;
  /** Logs in the kubelet's layout: `<root>/var/log/pods`. */
  logs: string;
}

/** All paths of the instance with this root; a relative one is taken from the working directory, links are resolved. */
export function pathsFor(root = "/"): Paths {
  const absolute = withoutLinks(resolve(root));
  return {
    root: absolute,
    rootId: absolute === "/" ? "" : createHash("sha256").update(absolute).digest("hex").slice(0, 8),
    run: join(absolute, "run/tspod"),
    lib: join(absolute, "var/lib/tspod"),
    logs: join(absolute, "var/log/pods"),
  };
}

/**
 * Two ways to one folder must be one root: their names of bridge and cgroups follow from the path, and they would share
 * one pool of addresses. What is not there yet will be a folder, not a link.
 */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(withoutLinks(parent), basename(path));
  }
}

/** Stored objects of a kind: `<namespace>/<name>.json` below it. */
export function objectFolder(paths: Paths, kind: string): string {
  return join(paths.lib, "objects", kind.toLowerCase());
}

/** The folders of one pod, and its files of state. */
export interface PodPaths extends PodFolders {
  record: string;
  /** A copy of a detached pod's record that outlives the machine's restart. */
  kept: string;
  sandbox: string;
  journal: string;
  lock: string;
  /** flock(2) for the moment of one step: a start, a change of state.json. Never held while anything is waited for. */
  turn: string;
  events: string;
}

/** Paths follow from uid, namespace and name alone; nothing is looked up. */
export function podPaths(paths: Paths, pod: { uid: string; name: string; namespace: string }): PodPaths {
  const run = join(paths.run, "pods", pod.uid);
  const lib = join(paths.lib, "pods", pod.uid);
  return {
    uid: pod.uid,
    run,
    record: join(run, "pod.json"),
    kept: join(lib, "pod.json"),
    sandbox: join(run, "state.json"),
    journal: join(run, "journal"),
    lock: join(run, "lock"),
    turn: join(run, "turn"),
    events: join(run, "events.jsonl"),
    // Containers can write to these files, and /run is memory that the whole machine needs.
    etc: join(lib, "etc"),
    shm: join(run, "shm"),
    infraRoot: join(run, "infra"),
    containers: join(run, "containers"),
    lib,
    volumes: join(lib, "volumes"),
    claims: join(paths.lib, "volumes"),
    claimRecords: objectFolder(paths, "PersistentVolumeClaim"),
    logs: join(paths.logs, fileName(pod.name, { before: `${pod.namespace}_`, after: `_${pod.uid}` })),
  };
}

/** Why there is not another attempt of the container yet. */
export function waitingPath({ run }: PodPaths, container: string): string {
  return join(run, "waiting", `${container}.json`);
}

/** The folders of one attempt of one container, and its files. */
export interface AttemptPaths extends AttemptFolders {
  record: string;
  /** What `exec` repeats of the container. */
  plan: string;
  /** Written by the monitor alone. */
  exit: string;
  health: string;
  log: string;
}

/** `attempt` counts from 0. */
export function attemptPaths(pod: PodPaths, container: string, attempt: number): AttemptPaths {
  const run = join(pod.containers, container, String(attempt));
  const layer = join(pod.lib, "containers", container, String(attempt));
  const logDirectory = join(pod.logs, container);
  const logName = `${attempt}.log`;
  return {
    run,
    record: join(run, "container.json"),
    plan: join(run, "plan.json"),
    exit: join(run, "exit"),
    health: join(run, "health.json"),
    rootfs: join(run, "rootfs"),
    terminationLog: join(layer, "termination-log"),
    layer,
    logDirectory,
    logName,
    log: join(logDirectory, logName),
  };
}
