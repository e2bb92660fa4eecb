import type { CronJobObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import type { NextTime } from "./schedule.ts";

export interface Due {
  /** The latest time that has passed without a job (ms). */
  at: number;
  /** More than a hundred times have passed: a clock was set, or the machine was off. */
  tooMany: boolean;
}

const MANY = 100;

/** The latest missed time since the last job, as far back as startingDeadlineSeconds lets us look. */
export function dueTime(
  { metadata, spec, status }: CronJobObject,
  clock: Clock,
  next: NextTime,
): Due | undefined {
  const last = Date.parse(status?.lastScheduleTime ?? metadata.creationTimestamp ?? "");
  const deadline = spec.startingDeadlineSeconds;
  const since = deadline === undefined ? last : Math.max(last, clock.now - clock.seconds(deadline));
  const after = (time: number) => next(spec.schedule, spec.timeZone, time);
  const first = after(since);
  if (first === undefined || first > clock.now) return undefined;
  const second = after(first);
  if (second === undefined || second > clock.now) return { at: first, tooMany: false };
  const missed = Math.floor((clock.now - first) / (second - first)) + 1;
  // Near the end only: nobody waits while years of minutes are counted.
  let at = missed > MANY ? (after(clock.now - 2 * (second - first)) ?? second) : second;
  for (let time = after(at); time !== undefined && time <= clock.now; time = after(time)) at = time;
  return { at: at <= clock.now ? at : second, tooMany: missed > MANY };
}
