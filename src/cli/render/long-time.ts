/** RFC 3339 → `Sat, 21 Nov 2026 13:00:00 +0000`, as kubectl describe has it. */
export function longTime(time: string | undefined): string {
  if (time === undefined) return "<unknown>";
  return new Date(time).toUTCString().replace("GMT", "+0000");
}
