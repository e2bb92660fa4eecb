import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";
import { recover } from "../pod/recover.ts";
import { stopDeadline } from "../pod/stop.ts";
import { PodWorker } from "../pod/supervise/worker.ts";
import type { Host } from "../runtime/host.ts";
import { podPaths } from "../state/paths.ts";
import { podUids, readPod, readSandbox } from "../state/records.ts";
import { detachedPods } from "./presence.ts";

/** One worker for each detached pod. What there is to do is always read from disk: nothing is asked of the daemon. */
export class Supervisor {
  readonly #host: Host;
  readonly #log: (text: string) => void;
  readonly #workers = new Map<string, PodWorker>();
  /** Folders of pods that others are making or have in the foreground, until they are ours or gone. */
  readonly #watched = new Map<string, FSWatcher>();
  #folder: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #changed: () => void;

  /** `changed` is called when pods have come, ended or gone. */
  constructor(host: Host, { log, changed }: { log(text: string): void; changed(): void }) {
    this.#host = host;
    this.#log = log;
    this.#changed = changed;
  }

  /** Pods that are looked after. */
  get pods(): number {
    return this.#workers.size;
  }

  /** Takes over what there is, and returns how many pods there are to look after. */
  scan(): number {
    this.#watchPods();
    this.#finishInterrupted();
    const ours = new Set(detachedPods(this.#host));
    for (const uid of ours) if (!this.#workers.has(uid)) this.#adopt(uid);
    this.#watchOthers(ours);
    return this.#workers.size;
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#folder?.close();
    for (const watcher of this.#watched.values()) watcher.close();
    for (const worker of this.#workers.values()) worker.release();
    this.#workers.clear();
  }

  #adopt(uid: string): void {
    const record = readPod(this.#host.paths, uid);
    if (!record) return;
    const name = `${record.namespace}/${record.name}`;
    const worker = new PodWorker(this.#host, record, { warn: (text) => this.#log(`${name}: ${text}`) });
    this.#workers.set(uid, worker);
    worker
      .work()
      .catch((error: Error) => this.#log(`${name}: ${error.stack ?? error.message}`))
      .finally(() => {
        if (this.#workers.get(uid) !== worker) return;
        this.#workers.delete(uid);
        this.#soon();
      });
  }

  /** A pod appears as a folder, and becomes ours by a change in it. */
  #watchPods(): void {
    if (this.#folder) return;
    try {
      this.#folder = watch(join(this.#host.paths.run, "pods"), () => this.#soon());
      this.#folder.on("error", () => this.#lostFolder());
    } catch {
      // No pods yet, or no more.
    }
  }

  #lostFolder(): void {
    this.#folder?.close();
    this.#folder = undefined;
    this.#soon();
  }

  #watchOthers(ours: ReadonlySet<string>): void {
    const { run } = this.#host.paths;
    const others = podUids(this.#host.paths).filter((uid) => !ours.has(uid) && isNotOver(this.#host, uid));
    for (const [uid, watcher] of this.#watched) {
      if (others.includes(uid)) continue;
      watcher.close();
      this.#watched.delete(uid);
    }
    for (const uid of others) {
      if (this.#watched.has(uid)) continue;
      try {
        const watcher = watch(join(run, "pods", uid), () => this.#soon());
        watcher.on("error", () => watcher.close());
        this.#watched.set(uid, watcher);
      } catch {
        // Gone since it was listed.
      }
    }
  }

  /** What a killed command has left is finished by the next command, or, if none comes, by us. */
  #finishInterrupted(): void {
    const now = Date.now();
    const due = podUids(this.#host.paths).flatMap((uid) => unfinishedSince(this.#host, uid) ?? []);
    if (due.some((time) => time + OVERDUE <= now)) {
      for (const { pod, message } of recover(this.#host)) this.#log(`${pod}: ${message}`);
    }
    const next = Math.min(...due.filter((time) => time + OVERDUE > now));
    clearTimeout(this.#timer);
    if (Number.isFinite(next)) this.#later(next + OVERDUE - now);
  }

  #soon(): void {
    this.#later(SETTLE);
  }

  #later(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#changed, ms);
  }
}

/** Several files change at once when a pod comes or goes (ms). */
const SETTLE = 10;

/** What is not finished may just be slow (ms). */
const OVERDUE = 3000;

/** When a pod should have come to what a command wants of it (ms since 1970); undefined when none wants anything. */
function unfinishedSince(host: Host, uid: string): number | undefined {
  const record = readPod(host.paths, uid);
  const paths = record && podPaths(host.paths, record);
  const sandbox = paths && readSandbox(paths);
  if (!record || !sandbox) return undefined;
  if (sandbox.phase === "creating" || sandbox.phase === "removing") return changedAt(paths.sandbox);
  const deadline = stopDeadline(record, sandbox);
  return deadline === 0 ? undefined : deadline;
}

function changedAt(file: string): number | undefined {
  try {
    return statSync(file).mtimeMs;
  } catch {
    return undefined;
  }
}

function isNotOver(host: Host, uid: string): boolean {
  const record = readPod(host.paths, uid);
  return !record || readSandbox(podPaths(host.paths, record))?.phase !== "stopped";
}
