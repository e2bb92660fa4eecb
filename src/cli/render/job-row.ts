import type { JobObject } from "../../manifest/index.ts";
import { age, humanDuration } from "./age.ts";

/** kubectl's columns of a Job: name, status, completions, duration, age. */
export function jobRow(job: JobObject, now: Date): string[] {
  const { metadata, status } = job;
  const begun = status?.startTime;
  const ended = status?.completionTime === undefined ? now.getTime() : Date.parse(status.completionTime);
  const duration = begun === undefined ? "" : humanDuration(ended - Date.parse(begun));
  return [metadata.name, jobState(job), completions(job), duration, age(metadata.creationTimestamp, now)];
}

/** In one word what its conditions say. */
export function jobState({ metadata, status }: JobObject): string {
  const is = (type: string) =>
    (status?.conditions ?? []).some((one) => one.type === type && one.status === "True");
  for (const type of ["Complete", "Failed"]) if (is(type)) return type;
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  for (const type of ["Suspended", "FailureTarget", "SuccessCriteriaMet"]) if (is(type)) return type;
  return "Running";
}

function completions({ spec, status }: JobObject): string {
  const succeeded = status?.succeeded ?? 0;
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`;
  const parallelism = spec.parallelism ?? 1;
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`;
}
