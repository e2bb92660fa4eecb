import { type FSWatcher, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tidy } from "../pod/remove.ts";
import type { Host } from "../runtime/host.ts";
import {
  type DaemonPaths,
  daemonPaths,
  removeDaemonFiles,
  writeDaemonRecord,
} from "../state/daemon-files.ts";
import { type Lock, takeLock } from "../state/lock.ts";
import { WorkloadLoop } from "../workload/index.ts";
import { thisBuild } from "./build.ts";
import { isDaemonWanted } from "./presence.ts";
import { Supervisor } from "./supervisor.ts";

export interface DaemonOptions {
  log(text: string): void;
  /** Ends the daemon; the pods go on. */
  stop: AbortSignal;
}

/**
 * Looks after all detached pods and workloads of one root until there is none. False when another daemon does so already.
 *
 * A command that leaves a pod behind first writes that it is to be looked after, and then looks whether the lock is
 * held. So the daemon, when it has found nothing to do, lets go of the lock and then looks once more: whatever comes
 * between is seen by one of the two.
 */
export async function runDaemon(host: Host, options: DaemonOptions): Promise<boolean> {
  const paths = daemonPaths(host.paths);
  for (;;) {
    const lock = await takeSoon(paths.lock);
    if (!lock) return false;
    introduce(host, paths, options);
    await supervise(host, paths, options);
    removeDaemonFiles(paths);
    lock.release();
    tidy(host);
    if (options.stop.aborted || !isDaemonWanted(host)) return true;
  }
}

/** Who tidies up after a killed daemon, or asks whether there is one, shares the lock for a moment, and is no daemon. */
async function takeSoon(path: string): Promise<Lock | undefined> {
  for (;;) {
    const lock = takeLock(path, { wait: false });
    if (lock) return lock;
    const shared = takeLock(path, { wait: false, mode: "shared" });
    if (!shared) return undefined;
    shared.release();
    await sleep(5);
  }
}

/** A command sees by it whether this daemon is to make room for another build. Without, the work is done all the same. */
function introduce(host: Host, paths: DaemonPaths, { log }: DaemonOptions): void {
  const { pid } = process;
  const startTime = host.kernel.startTime(pid) ?? "";
  try {
    writeDaemonRecord(paths, { process: { pid, startTime }, build: thisBuild() });
  } catch (error) {
    log(`no record of this daemon: ${(error as Error).message}`);
  }
}

async function supervise(host: Host, paths: DaemonPaths, { log, stop }: DaemonOptions): Promise<void> {
  const changes = new Signal();
  const supervisor = new Supervisor(host, { log, changed: changes.raise });
  const workloads = new WorkloadLoop(host, { log, changed: changes.raise });
  const api = await serve(host, paths, supervisor).catch((error: Error) => {
    log(`no API: ${error.message}`);
  });
  const told = watchLock(paths, changes.raise);
  stop.addEventListener("abort", changes.raise, { once: true });
  try {
    while (!stop.aborted) {
      const tended = await workloads.scan().catch(async (error: Error) => {
        log(`workloads: ${error.stack ?? error.message}`);
        await sleep(RETRY, undefined, { signal: stop }).catch(() => {});
        changes.raise();
        return 1;
      });
      if (supervisor.scan() + tended === 0) break;
      await changes.next();
    }
  } finally {
    stop.removeEventListener("abort", changes.raise);
    workloads.close();
    await supervisor.close();
    told?.close();
    api?.close();
  }
}

/** Until a pass over the workloads that has failed is given another try (ms). */
const RETRY = 1000;

/** Without its API the daemon does its work all the same. */
async function serve(host: Host, { socket }: DaemonPaths, supervisor: Supervisor) {
  const { serveApi } = await import("./api.ts");
  return serveApi(host, socket, { pods: () => supervisor.pods });
}

/** Commands touch the lock when there is a pod to look after. */
function watchLock({ folder }: DaemonPaths, changed: () => void): FSWatcher | undefined {
  try {
    return watch(folder, (_, name) => name === "lock" && changed());
  } catch {
    return undefined;
  }
}

/** Wakes whoever waits; a signal that nobody waits for is kept for the next who does. */
class Signal {
  #raised = false;
  #resolve: (() => void) | undefined;

  readonly raise = (): void => {
    this.#raised = true;
    this.#resolve?.();
  };

  async next(): Promise<void> {
    if (!this.#raised) await new Promise<void>((resolve) => (this.#resolve = resolve));
    this.#resolve = undefined;
    this.#raised = false;
  }
}
