/**
 * The five fields of a schedule as the CronJob controller reads them (robfig/cron, ParseStandard): no seconds, no `L`,
 * `W` or `#`, Sunday is 0 and not 7. Libraries that know more dialects take schedules a cluster would refuse.
 */
interface CronField {
  low: number;
  high: number;
  names: readonly string[];
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const FIELDS: readonly CronField[] = [
  { low: 0, high: 59, names: [] },
  { low: 0, high: 23, names: [] },
  { low: 1, high: 31, names: [] },
  { low: 1, high: 12, names: MONTHS },
  { low: 0, high: 6, names: DAYS },
];

/** What `@daily` and its kin stand for. */
export const CRON_WORDS: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1000 };

/** The interval of `@every 1h30m` in milliseconds, in whole seconds and at least one; undefined for anything else. */
export function everyInterval(schedule: string): number | undefined {
  const text = /^@every (\S+)$/.exec(schedule)?.[1];
  if (text === undefined || !/^(\d+(\.\d+)?[hms])+$/.test(text)) return undefined;
  const sum = [...text.matchAll(/(\d+(?:\.\d+)?)([hms])/g)].reduce(
    (ms, [, amount, unit = "s"]) => ms + Number(amount) * (UNITS[unit] ?? 0),
    0,
  );
  return Math.max(1000, Math.floor(sum / 1000) * 1000);
}

/** What is wrong with a schedule, in the words of the library the API server uses; undefined when it is good. */
export function cronFault(schedule: string): string | undefined {
  if (/^(TZ|CRON_TZ)=/.test(schedule))
    return "cannot use TZ or CRON_TZ in schedule, use timeZone field instead";
  if (schedule.startsWith("@")) {
    if (CRON_WORDS[schedule] !== undefined || everyInterval(schedule) !== undefined) return undefined;
    const every = /^@every (.*)$/.exec(schedule)?.[1];
    return every === undefined
      ? `unrecognized descriptor: ${schedule}`
      : `failed to parse duration ${schedule}: time: invalid duration "${every}"`;
  }
  const fields = schedule.split(/\s+/).filter((field) => field !== "");
  if (fields.length !== FIELDS.length)
    return `expected exactly 5 fields, found ${fields.length}: [${fields.join(" ")}]`;
  for (const [i, field] of fields.entries())
    for (const range of field.split(",")) {
      const fault = rangeFault(range, FIELDS[i] as CronField);
      if (fault !== undefined) return fault;
    }
  return undefined;
}

function rangeFault(range: string, { low, high, names }: CronField): string | undefined {
  const [span = "", step, ...slashes] = range.split("/");
  const [first = "", last, ...hyphens] = span.split("-");
  if (slashes.length > 0) return `too many slashes: ${range}`;
  if (hyphens.length > 0) return `too many hyphens: ${range}`;
  const number = (word: string): number | string => {
    const named = names.indexOf(word.toLowerCase());
    if (named >= 0) return named + low;
    if (/^\d+$/.test(word)) return Number(word);
    return `failed to parse int from ${word}: strconv.Atoi: parsing "${word}": invalid syntax`;
  };
  const any = first === "*" || first === "?";
  const start = any ? low : number(first);
  if (typeof start === "string") return start;
  const end = any ? high : last === undefined ? (step === undefined ? start : high) : number(last);
  if (typeof end === "string") return end;
  if (step !== undefined) {
    const by = number(step);
    if (typeof by === "string") return by;
    if (by === 0) return `step of range should be a positive number: ${range}`;
  }
  if (start < low) return `beginning of range (${start}) below minimum (${low}): ${range}`;
  if (end > high) return `end of range (${end}) above maximum (${high}): ${range}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${range}`;
  return undefined;
}

/** Whether the machine's time zone data has it (`Europe/Berlin`, `Etc/UTC`). */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
