import { type FSWatcher, statSync, watch } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
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
  readonly #workers = new Map<string, { worker: PodWorker; work: Promise<unknown> }>();
  /** Folders of pods that others are making or have in the foreground, until they are ours or gone. */
  readonly #watched = new Map<string, FSWatcher>();
  /** When pods may be tried again whose worker has failed (ms since 1970): a mistake of ours must not keep the machine busy. */
  readonly #failed = new Map<string, number>();
  #folder: { watcher: FSWatcher; inode: number } | undefined;
  /** For the next look: soon, or at a time. */
  #soonTimer: NodeJS.Timeout | undefined;
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
    const due = this.#finishInterrupted();
    const ours = new Set(detachedPods(this.#host));
    for (const uid of this.#failed.keys()) if (!ours.has(uid)) this.#failed.delete(uid);
    for (const uid of ours) {
      if (this.#workers.has(uid)) continue;
      const until = this.#failed.get(uid) ?? 0;
      if (until <= Date.now()) this.#adopt(uid);
      else due.push(until);
    }
    this.#watchOthers(ours);
    clearTimeout(this.#timer);
    if (due.length > 0) this.#timer = setTimeout(this.#changed, Math.max(Math.min(...due) - Date.now(), 1));
    return new Set([...ours, ...this.#workers.keys()]).size;
  }

  /** Lets go of all pods. Resolves when what was being done about them is done, or has had its time for that. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    clearTimeout(this.#soonTimer);
    this.#folder?.watcher.close();
    for (const watcher of this.#watched.values()) watcher.close();
    const working = [...this.#workers.values()];
    this.#workers.clear();
    for (const { worker } of working) worker.release();
    const late = new AbortController();
    const steps = Promise.allSettled(working.map(({ work }) => work)).then(() => late.abort());
    await Promise.race([steps, sleep(LAST_STEP, undefined, { signal: late.signal }).catch(() => {})]);
  }

  #adopt(uid: string): void {
    const record = readPod(this.#host.paths, uid);
    if (!record) return;
    const name = `${record.namespace}/${record.name}`;
    const worker = new PodWorker(this.#host, record, {
      warn: (text) => this.#log(`${name}: ${text}`),
      onEnding: () => this.#soon(),
    });
    const work = worker
      .work()
      .then(
        () => this.#failed.delete(uid),
        (error: Error) => {
          this.#log(`${name}: ${error.stack ?? error.message}`);
          this.#failed.set(uid, Date.now() + RETRY);
        },
      )
      .finally(() => {
        if (this.#workers.get(uid)?.worker !== worker) return;
        this.#workers.delete(uid);
        this.#soon();
      });
    this.#workers.set(uid, { worker, work });
  }

  /** A pod appears as a folder, and becomes ours by a change in it. */
  #watchPods(): void {
    const path = join(this.#host.paths.run, "pods");
    const inode = inodeOf(path);
    if (this.#folder?.inode === inode) return;
    // It went with the last pod, and came again with the next.
    this.#folder?.watcher.close();
    this.#folder = undefined;
    if (inode === undefined) return;
    try {
      const watcher = watch(path, () => this.#soon());
      watcher.on("error", () => this.#soon());
      this.#folder = { watcher, inode };
    } catch {
      // No pods any more, or no watch left: commands that leave a pod behind tell (daemon/run.ts).
    }
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
        const watcher = watch(join(run, "pods", uid), (_, name) => {
          if (!name?.startsWith("events.jsonl")) this.#soon();
        });
        watcher.on("error", () => watcher.close());
        this.#watched.set(uid, watcher);
      } catch {
        // Gone since it was listed.
      }
    }
  }

  /** What a killed command has left is finished by the next command, or, if none comes, by us. Returns when to look again. */
  #finishInterrupted(): number[] {
    const now = Date.now();
    const due = podUids(this.#host.paths).flatMap((uid) => unfinishedSince(this.#host, uid) ?? []);
    if (due.some((time) => time + OVERDUE <= now)) {
      for (const { pod, message } of recover(this.#host)) this.#log(`${pod}: ${message}`);
    }
    return due.map((time) => (time + OVERDUE > now ? time + OVERDUE : now + AGAIN));
  }

  /** Not put off by what comes meanwhile: where pods come and go all the time, it would never be looked. */
  #soon(): void {
    this.#soonTimer ??= setTimeout(() => {
      this.#soonTimer = undefined;
      this.#changed();
    }, SETTLE);
  }
}

/** Several files change at once when a pod comes or goes (ms). */
const SETTLE = 10;

/** For a step that was begun when the daemon is to end; what takes longer is gone on with by the next (ms). */
const LAST_STEP = 1000;

/** Until a worker that has failed is given another try (ms). */
const RETRY = 10_000;

/** What is not finished may just be slow (ms). */
const OVERDUE = 3000;

/** Until what could not be finished, for whoever works on it still does, is looked at again (ms). */
const AGAIN = 30_000;

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

function inodeOf(path: string): number | undefined {
  try {
    return statSync(path).ino;
  } catch {
    return undefined;
  }
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
