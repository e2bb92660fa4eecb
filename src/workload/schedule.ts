import { Cron } from "croner";
import { CRON_WORDS, everyInterval } from "../manifest/cron.ts";

/** The first time after `after` (both ms) at which a schedule that passed the parser falls due. */
export type NextTime = (schedule: string, timeZone: string | undefined, after: number) => number | undefined;

const patterns = new Map<string, Cron>();

export const nextTime: NextTime = (schedule, timeZone, after) => {
  const interval = everyInterval(schedule);
  if (interval !== undefined) return Math.floor(after / 1000) * 1000 + interval;
  const key = `${schedule}\n${timeZone ?? ""}`;
  let pattern = patterns.get(key);
  if (pattern === undefined) {
    pattern = new Cron(standard(schedule), { mode: "5-part", ...(timeZone ? { timezone: timeZone } : {}) });
    patterns.set(key, pattern);
  }
  return pattern.nextRun(new Date(after))?.getTime();
};

const HIGHEST = ["59", "23", "31", "12", "6"];

/** `5/15` means "from 5 on" in a cluster; the library wants the end of the range said. */
function standard(schedule: string): string {
  const text = CRON_WORDS[schedule] ?? schedule;
  return text
    .trim()
    .split(/\s+/)
    .map((field, i) => field.replace(/(^|,)([^-*?,/]+)\//g, `$1$2-${HIGHEST[i]}/`))
    .join(" ");
}
