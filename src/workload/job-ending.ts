import type { JobObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { isTrue } from "./conditions.ts";
import { parseIndexes } from "./indexes.ts";
import type { JobCount } from "./job-count.ts";
import { exceedsByRestarts } from "./job-failure.ts";

/** Why a Job is over, before its last pods are gone. */
export interface Ending {
  /** FailureTarget becomes Failed, SuccessCriteriaMet becomes Complete. */
  type: "FailureTarget" | "SuccessCriteriaMet";
  reason: string;
  message: string;
}

const failure = (reason: string, message: string): Ending => ({ type: "FailureTarget", reason, message });
const success = (reason: string, message: string): Ending => ({
  type: "SuccessCriteriaMet",
  reason,
  message,
});

/** Whether the Job is over, and why; an ending once written stays. */
export function endingOf(job: JobObject, count: JobCount, clock: Clock): Ending | undefined {
  const { spec, status } = job;
  for (const type of ["FailureTarget", "SuccessCriteriaMet"] as const) {
    const known = status?.conditions?.find((one) => one.type === type);
    if (known?.status === "True") return { type, reason: known.reason ?? "", message: known.message ?? "" };
  }
  if (count.verdict) return failure("PodFailurePolicy", count.verdict.message);
  const met = successRule(job, count);
  if (met !== undefined) return success("SuccessPolicy", `Matched rules at index ${met}`);
  if (count.failed > (spec.backoffLimit ?? 6) || exceedsByRestarts(job, count.active))
    return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  const deadline = deadlineOf(job, clock);
  if (deadline !== undefined && clock.now >= deadline)
    return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  if (spec.maxFailedIndexes !== undefined && count.failedIndexes.size > spec.maxFailedIndexes)
    return failure(
      "MaxFailedIndexesExceeded",
      "Job has exceeded the specified maximal number of failed indexes",
    );
  const { completions } = spec;
  const all = completions ?? 0;
  if (count.failedIndexes.size > 0 && count.completed.size + count.failedIndexes.size >= all)
    return failure("FailedIndexes", "Job has failed indexes");
  const done =
    completions === undefined
      ? count.succeeded > 0 && count.active.length + count.terminating.length === 0
      : count.succeeded >= completions;
  return done ? success("CompletionsReached", "Reached expected number of succeeded pods") : undefined;
}

/** The rule of successPolicy that is met. */
function successRule({ spec }: JobObject, { completed }: JobCount): number | undefined {
  const met = (spec.successPolicy?.rules ?? []).findIndex(({ succeededCount, succeededIndexes }) => {
    const listed = succeededIndexes === undefined ? undefined : parseIndexes(succeededIndexes);
    const counting = listed === undefined ? [...completed] : [...listed].filter((one) => completed.has(one));
    return counting.length >= (succeededCount ?? listed?.size ?? Number.POSITIVE_INFINITY);
  });
  return met < 0 ? undefined : met;
}

/** When activeDeadlineSeconds is over (ms); undefined without one, and while the Job is suspended. */
export function deadlineOf({ spec, status }: JobObject, clock: Clock): number | undefined {
  // A suspended Job has no start.
  if (spec.activeDeadlineSeconds === undefined || status?.startTime === undefined) return undefined;
  return Date.parse(status.startTime) + clock.seconds(spec.activeDeadlineSeconds);
}

export const isOver = ({ status }: JobObject): boolean =>
  isTrue(status?.conditions, "Complete") || isTrue(status?.conditions, "Failed");

/** When a finished Job and its pods are removed (ms); undefined when they are kept. */
export function expiry({ spec, status }: JobObject, clock: Clock): number | undefined {
  if (spec.ttlSecondsAfterFinished === undefined) return undefined;
  const ended = status?.conditions?.find(
    ({ type, status: value }) => (type === "Complete" || type === "Failed") && value === "True",
  );
  if (ended?.lastTransitionTime === undefined) return undefined;
  return Date.parse(ended.lastTransitionTime) + clock.seconds(spec.ttlSecondsAfterFinished);
}
