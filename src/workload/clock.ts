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

/** The same in a time zone, with its offset: `2026-07-01T09:00:00+02:00`. */
export function zonedTime(ms: number, timeZone: string | undefined): string {
  if (timeZone === undefined) return apiTime(ms);
  const format = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
  const name = format.formatToParts(ms).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign = "", hours = "0", minutes = "0"] = /([+-])(\d+):(\d+)/.exec(name) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === "-" ? -60_000 : 60_000);
  return offset === 0 ? apiTime(ms) : `${apiTime(ms + offset).slice(0, -1)}${sign}${hours}:${minutes}`;
}
