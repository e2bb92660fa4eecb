/** How much faster than clocks pods live; for tests only (docs/testing.md). */
const speed = Math.min(Math.max(Number(process.env.TSPOD_SPEED ?? 1) || 1, 1), 1000);

/** Milliseconds in which so many seconds of a pod's life pass. */
export function podSeconds(count: number): number {
  return (count * 1000) / speed;
}
