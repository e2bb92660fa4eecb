/** RFC 3339 to whole seconds, as `metav1.Time` is written. Fractions are cut, not rounded, so order stays order. */
export function apiTime(time: string | Date): string {
  const date = typeof time === "string" ? new Date(time) : time;
  return `${date.toISOString().slice(0, 19)}Z`;
}
