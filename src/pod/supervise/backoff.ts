/** The kubelet's numbers for containers that end again and again, in seconds. */
const INITIAL = 10;
const MAX = 300;
/** A container that has run this long is not held to its past. */
const RESET = 600;

/** One run of a container that has ended (ms since 1970). */
export interface Run {
  startedAt: number;
  finishedAt: number;
  /** Seconds, as its record has it; 0 for a first attempt. */
  backoff: number;
}

/**
 * Seconds between the end of this run and the next start: 0 after the first end, then 10, 20, 40 … 300. From the last
 * attempt's record alone, so that it survives whoever was waiting.
 */
export function restartDelay(run: Run, seconds: (count: number) => number): number {
  return run.finishedAt - run.startedAt > seconds(RESET) ? 0 : run.backoff;
}

/**
 * The same of a run that was ended for its liveness or startup probe. A kubelet ends and starts such a container in one
 * step, with what it knew before: it looks at the end of the run before this one, and so lets a container start at once
 * that has run for longer than its back-off.
 */
export function unhealthyDelay(
  run: Run,
  before: Run | undefined,
  seconds: (count: number) => number,
): number {
  if (!before) return 0;
  return run.finishedAt - before.finishedAt < seconds(run.backoff) ? run.backoff : 0;
}

/** What the record of the attempt that follows a delay has as its `backoff`. */
export function nextBackoff(delay: number): number {
  return delay === 0 ? INITIAL : Math.min(delay * 2, MAX);
}
