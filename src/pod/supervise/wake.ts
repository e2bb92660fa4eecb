import { type FSWatcher, watch } from "node:fs";
import { hasCode } from "../../errors/errno.ts";

/** What ends a worker's sleep: a process that ended, a file that changed, a verdict of a probe, a time. */
export class Wake {
  #awake = false;
  #resolve: (() => void) | undefined;
  #watcher: Pick<FSWatcher, "close"> | undefined;

  /** Wakes the worker; if it does not sleep, its next sleep is none. */
  readonly now = (): void => {
    this.#awake = true;
    this.#resolve?.();
  };

  /** Other commands write to the pod's folder what they want of it. */
  watchFolder(path: string): void {
    this.#watcher ??= openWatch(path, this.now);
  }

  /** Until woken, or for so long (ms). */
  async sleep(ms: number | undefined): Promise<void> {
    if (!this.#awake) {
      await new Promise<void>((resolve) => {
        const timer =
          ms === undefined ? undefined : setTimeout(resolve, Math.min(Math.max(ms, 1), MAX_TIMER));
        this.#resolve = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      this.#resolve = undefined;
    }
    this.#awake = false;
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = undefined;
    this.now();
  }
}

/** setTimeout's limit. */
const MAX_TIMER = 2 ** 31 - 1;

/** How often is looked where the kernel has no watch left for us (ms). */
const POLL = 1000;

/** A folder that is gone already wakes at once: whoever looks sees that there is nothing. */
function openWatch(path: string, changed: () => void): Pick<FSWatcher, "close"> | undefined {
  try {
    const watcher = watch(path, (_, name) => {
      // Events are for people; most of them are the sleeper's own.
      if (!name?.startsWith("events.jsonl")) changed();
    });
    watcher.on("error", changed);
    return watcher;
  } catch (error) {
    if (hasCode(error, "ENOENT")) {
      changed();
      return undefined;
    }
    // fs.inotify.max_user_watches, which other programs of the machine use up as well.
    const timer = setInterval(changed, POLL);
    return { close: () => clearInterval(timer) };
  }
}
