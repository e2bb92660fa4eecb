/** Time as controllers see it; nothing here reads a clock by itself. */
export interface Clock {
  /** Milliseconds of the epoch. */
  now: number;
  /** Milliseconds in which so many seconds of a pod's life pass. */
  seconds(count: number): number;
}

/** RFC 3339 in whole seconds, as the API has times. */
export const apiTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The earliest of some moments that may not be known; undefined when there is none. */
export function earliest(...times: (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
