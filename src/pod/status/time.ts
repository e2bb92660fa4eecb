/** RFC 3339 to whole seconds, as `metav1.Time` is written. Fractions are cut, not rounded, so order stays order. */
export function apiTime(time: string | Date): string {
  const date = typeof time === "string" ? new Date(time) : time;
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** Whole seconds as Go prints a time.Duration: `10s`, `1m20s`, `5m0s`. */
export function goDuration(seconds: number): string {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return `${hours > 0 ? `${hours}h` : ""}${seconds >= 60 ? `${minutes}m` : ""}${seconds % 60}s`;
}
