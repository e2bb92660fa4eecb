import type { Limits } from "./target.ts";

/** Why a handler was ended before it had an answer. */
export type Cut = "timeout" | "aborted";

/** Ends a piece of work once, at its time or when it is not wanted any more; `clear` when it has ended by itself. */
export function onCut({ timeoutMs, signal }: Limits, cut: (why: Cut) => void): { clear(): void } {
  let timer: NodeJS.Timeout | undefined;
  const abort = () => fire("aborted");
  const clear = () => {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  };
  const fire = (why: Cut) => {
    clear();
    cut(why);
  };
  if (timeoutMs !== undefined) timer = setTimeout(() => fire("timeout"), timerMs(timeoutMs));
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) queueMicrotask(abort);
  return { clear };
}

/** What setTimeout takes for so many milliseconds: it fires at once for more than 24 days, and early for a fraction. */
export function timerMs(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), 2 ** 31 - 1);
}

/** A handler that nobody waits for any more. */
export class Aborted extends Error {
  constructor() {
    super("context canceled");
  }
}
