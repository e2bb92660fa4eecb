import { appendFileSync } from "node:fs";
import { performance } from "node:perf_hooks";

/** Phase timings of one command, appended to a file as JSON lines `{"phase": …, "ns": …}`. */
export interface Timings {
  record(phase: string, ns: bigint): void;
  /** Adds `load` (process start to command), `command` and `total`, and writes everything. */
  finish(): void;
}

/** Nothing is written before `finish`. */
export function timingsTo(file: string): Timings {
  const lines: string[] = [];
  const loaded = performance.now();
  const record = (phase: string, ns: bigint) => {
    lines.push(`{"phase":${JSON.stringify(phase)},"ns":${ns}}\n`);
  };
  return {
    record,
    finish() {
      const total = performance.now();
      record("load", nanoseconds(loaded));
      record("command", nanoseconds(total - loaded));
      record("total", nanoseconds(total));
      appendFileSync(file, lines.join(""));
    },
  };
}

function nanoseconds(ms: number): bigint {
  return BigInt(Math.round(ms * 1e6));
}

/** Does a piece of work and, when timings are wanted, records how long it took. */
export function phase<T>(timings: Timings | undefined, name: string, work: () => T): T {
  const begun = process.hrtime.bigint();
  try {
    return work();
  } finally {
    timings?.record(name, process.hrtime.bigint() - begun);
  }
}
