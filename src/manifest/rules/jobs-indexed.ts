import type { JobSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkCount } from "./template.ts";

const MAX_PARALLELISM = 100_000;
const MAX_FAILED_INDEXES = 100_000;
/** Above so many completions with a limit for each index, the status must stay small enough for one object. */
const MANY_COMPLETIONS = 100_000;
const MANY_PARALLELISM = 10_000;
const MANY_FAILED_INDEXES = 10_000;
const MAX_RULES = 20;
const MAX_INDEXES_TEXT = 64 * 1024;

type Spec = Omit<JobSpec, "template">;

/** Rules for the completion mode of a Job and for what only an indexed one has (validateJobSpec). */
export function checkIndexed(check: Check, spec: Spec): void {
  const { completions, maxFailedIndexes, backoffLimitPerIndex } = spec;
  if (maxFailedIndexes !== undefined && backoffLimitPerIndex === undefined)
    check.required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified", {
      at: "spec.maxFailedIndexes",
    });
  if (spec.completionMode !== "Indexed") {
    for (const field of ["backoffLimitPerIndex", "maxFailedIndexes"] as const)
      if (spec[field] !== undefined)
        check.invalid(`spec.${field}`, spec[field], "requires indexed completion mode");
    if (spec.successPolicy !== undefined)
      check.wrong("spec.successPolicy", "requires indexed completion mode", {
        help: "write completionMode: Indexed",
      });
    return;
  }
  if (completions === undefined) check.required("spec.completions", "when completion mode is Indexed");
  const most = (field: "parallelism" | "maxFailedIndexes", limit: number, when = "") => {
    const value = spec[field];
    if (value !== undefined && value > limit)
      check.invalid(`spec.${field}`, value, `must be less than or equal to ${limit}${when}`);
  };
  most("parallelism", MAX_PARALLELISM, " when completion mode is Indexed");
  if (completions !== undefined && maxFailedIndexes !== undefined && maxFailedIndexes > completions)
    check.invalid("spec.maxFailedIndexes", maxFailedIndexes, "must be less than or equal to completions");
  most("maxFailedIndexes", MAX_FAILED_INDEXES);
  if (completions !== undefined && completions > MANY_COMPLETIONS && backoffLimitPerIndex !== undefined) {
    const when = ` when completions are above ${MANY_COMPLETIONS} and used with backoff limit per index`;
    if (maxFailedIndexes === undefined)
      check.required(
        "spec.maxFailedIndexes",
        `must be specified when completions is above ${MANY_COMPLETIONS}`,
        { at: "spec.completions" },
      );
    most("parallelism", MANY_PARALLELISM, when);
    most("maxFailedIndexes", MANY_FAILED_INDEXES, when);
  }
  if (spec.successPolicy !== undefined && completions !== undefined) checkSuccess(check, spec, completions);
}

function checkSuccess(check: Check, { successPolicy }: Spec, completions: number): void {
  const rules = successPolicy?.rules ?? [];
  const path = "spec.successPolicy.rules";
  if (rules.length === 0)
    check.required(path, "at least one rules must be specified when the successPolicy is specified");
  if (rules.length > MAX_RULES) check.tooMany(path, { have: rules.length, most: MAX_RULES });
  for (const [i, { succeededCount: count, succeededIndexes: indexes }] of rules.entries()) {
    const at = `${path}[${i}]`;
    if (count === undefined && indexes === undefined)
      check.required(at, "at least one of succeededCount or succeededIndexes must be specified");
    let total: number | undefined;
    if (indexes !== undefined) {
      if (indexes.length > MAX_INDEXES_TEXT) check.tooLong(`${at}.succeededIndexes`, MAX_INDEXES_TEXT);
      const counted = countIndexes(indexes, completions);
      if (typeof counted === "number") total = counted;
      else check.invalid(`${at}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${counted}`);
    }
    checkCount(check, `${at}.succeededCount`, count);
    if (count !== undefined && count > completions)
      check.invalid(
        `${at}.succeededCount`,
        count,
        `must be less than or equal to ${completions} (the number of specified completions)`,
      );
    if (count !== undefined && total !== undefined && count > total)
      check.invalid(
        `${at}.succeededCount`,
        count,
        `must be less than or equal to ${total} (the number of indexes in the specified succeededIndexes field)`,
      );
  }
}

/** How many indexes `0,2-4` names, or what is wrong with it. */
function countIndexes(text: string, completions: number): number | string {
  if (text === "") return 0;
  let total = 0;
  let last = -1;
  for (const interval of text.split(",")) {
    const ends = interval.split("-");
    if (ends.length > 2)
      return `the fragment "${interval}" violates the requirement that an index interval can have at most two parts separated by '-'`;
    const start = last;
    for (const end of ends) {
      if (!/^\+?\d+$/.test(end)) return `cannot convert string to integer for index: "${end}"`;
      if (Number(end) >= completions) return `too large index: "${end}"`;
      if (Number(end) <= last) return `non-increasing order, previous: ${last}, current: ${Number(end)}`;
      last = Number(end);
    }
    total += ends.length === 1 ? 1 : last - Number(ends[0]) + 1;
    if (start >= last) return `non-increasing order, previous: ${start}, current: ${last}`;
  }
  return total;
}
