import { LogFollower, type LogLine } from "../runtime/logs/index.ts";
import type { LogTarget } from "./log-targets.ts";

/** How often logs are looked at while following, in milliseconds. */
export const POLL_MS = 50;

interface Followed {
  target: LogTarget;
  follower: LogFollower;
  finished: boolean;
}

/** Follows any number of logs; those that appear later join, those that end are read to their end. */
export class LogStream {
  readonly #followed = new Map<string, Followed>();
  readonly #print: (target: LogTarget, line: LogLine) => void;

  constructor(print: (target: LogTarget, line: LogLine) => void) {
    this.#print = print;
  }

  /** Tells what there is now. `fromEnd`: what has been written before is not printed. */
  update(targets: readonly LogTarget[], { fromEnd = false } = {}): void {
    for (const target of targets) {
      const known = this.#followed.get(target.key);
      if (known) {
        known.target = target;
        continue;
      }
      const follower = new LogFollower(target.source);
      if (fromEnd) follower.skipToEnd();
      this.#followed.set(target.key, { target, follower, finished: false });
    }
  }

  /** Nothing more of this log is wanted. */
  leave(key: string): void {
    const followed = this.#followed.get(key);
    if (!followed || followed.finished) return;
    followed.finished = true;
    followed.follower.finish();
  }

  /** Prints what is new, in the order of time; true once all logs have ended. */
  poll(): boolean {
    const lines: { target: LogTarget; line: LogLine }[] = [];
    for (const followed of this.#followed.values()) {
      if (followed.finished) continue;
      const { target, follower } = followed;
      followed.finished = target.ended;
      for (const line of target.ended ? follower.finish() : follower.poll()) lines.push({ target, line });
    }
    lines.sort((a, b) => (a.line.time < b.line.time ? -1 : a.line.time > b.line.time ? 1 : 0));
    for (const { target, line } of lines) this.#print(target, line);
    return [...this.#followed.values()].every(({ finished }) => finished);
  }
}
