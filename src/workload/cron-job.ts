import type { CronJobObject, CronJobStatus, JobObject } from "../manifest/index.ts";
import { apiTime, type Clock } from "./clock.ts";
import { isTrue } from "./conditions.ts";
import { dueTime } from "./due.ts";
import { isOver } from "./job-ending.ts";
import { normal, type WorkloadEvent, warning } from "./outcome.ts";
import { ownedBy } from "./owner.ts";
import type { NextTime } from "./schedule.ts";

export interface CronJobInput {
  cron: CronJobObject;
  /** The Jobs it controls. */
  jobs: readonly JobObject[];
  clock: Clock;
  next: NextTime;
}

export interface CronJobOutcome {
  /** The Job of the time that has come; its name follows from that time, so it is made once. */
  create?: JobObject;
  /** Names of Jobs to remove with their pods. */
  remove: string[];
  status: CronJobStatus;
  events: WorkloadEvent[];
  requeueAt?: number | undefined;
}

const SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** One step of a CronJob: the history is cut, and a Job is made when its time has come. */
export function reconcileCronJob({ cron, jobs, clock, next }: CronJobInput): CronJobOutcome {
  const { spec, status } = cron;
  const events: WorkloadEvent[] = [];
  const known = new Set((status?.active ?? []).map(({ uid }) => uid));
  for (const job of jobs.filter((one) => isOver(one) && known.has(one.metadata.uid)))
    events.push(
      normal("SawCompletedJob", `Saw completed job: ${job.metadata.name}, condition: ${endOf(job)}`),
    );
  const remove = [
    ...overflow(jobs, "Complete", spec.successfulJobsHistoryLimit ?? 3),
    ...overflow(jobs, "Failed", spec.failedJobsHistoryLimit ?? 1),
  ];
  let active = jobs.filter((job) => !isOver(job));
  const due = spec.suspend ? undefined : dueTime(cron, clock, next);
  const outcome: CronJobOutcome = {
    remove,
    events,
    status: {},
    requeueAt: spec.suspend ? undefined : next(spec.schedule, spec.timeZone, clock.now),
  };
  let scheduled = status?.lastScheduleTime;
  if (due?.tooMany)
    events.push(
      warning(
        "TooManyMissedTimes",
        "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew",
      ),
    );
  if (due !== undefined && spec.concurrencyPolicy === "Forbid" && active.length > 0)
    events.push(
      normal(
        "JobAlreadyActive",
        "Not starting job because prior execution is running and concurrency policy is Forbid",
      ),
    );
  else if (due !== undefined) {
    if (spec.concurrencyPolicy === "Replace") {
      remove.push(...active.map(({ metadata }) => metadata.name));
      active = [];
    }
    outcome.create = jobAt(cron, due.at);
    events.push(normal("SuccessfulCreate", `Created job ${outcome.create.metadata.name}`));
    scheduled = apiTime(due.at);
  }
  events.push(...remove.map((name) => normal("SuccessfulDelete", `Deleted job ${name}`)));
  outcome.status = statusOf(cron, jobs, active, scheduled);
  return outcome;
}

const endOf = (job: JobObject): "Complete" | "Failed" =>
  isTrue(job.status?.conditions, "Complete") ? "Complete" : "Failed";

function overflow(jobs: readonly JobObject[], end: "Complete" | "Failed", limit: number): string[] {
  return jobs
    .filter((job) => isOver(job) && endOf(job) === end)
    .sort((a, b) => ((a.status?.startTime ?? "") < (b.status?.startTime ?? "") ? -1 : 1))
    .map(({ metadata }) => metadata.name)
    .slice(0, -limit || undefined);
}

/** The Job of one time, `<cron>-<minutes since 1970>`. */
const jobAt = (cron: CronJobObject, at: number): JobObject =>
  jobOf(cron, `${cron.metadata.name}-${Math.floor(at / 60_000)}`, { [SCHEDULED]: apiTime(at) });

/** A Job of its template that a person asks for, out of turn. */
export const jobFrom = (cron: CronJobObject, name: string): JobObject =>
  jobOf(cron, name, { "cronjob.kubernetes.io/instantiate": "manual" });

function jobOf(cron: CronJobObject, name: string, annotations: Record<string, string>): JobObject {
  const { metadata, spec } = cron.spec.jobTemplate;
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name,
      namespace: cron.metadata.namespace,
      ...(metadata?.labels ? { labels: metadata.labels } : {}),
      annotations: { ...metadata?.annotations, ...annotations },
      ownerReferences: [ownedBy(cron)],
    },
    spec: structuredClone(spec),
  };
}

function statusOf(
  { status }: CronJobObject,
  jobs: readonly JobObject[],
  active: readonly JobObject[],
  scheduled: string | undefined,
): CronJobStatus {
  const successes = jobs.flatMap((job) => job.status?.completionTime ?? []).sort();
  const last = [status?.lastSuccessfulTime ?? "", ...successes].sort().at(-1);
  return {
    ...(active.length > 0
      ? {
          active: active.map(({ apiVersion, kind, metadata }) => ({
            apiVersion,
            kind,
            name: metadata.name,
            namespace: metadata.namespace,
            ...(metadata.uid ? { uid: metadata.uid } : {}),
          })),
        }
      : {}),
    ...(scheduled ? { lastScheduleTime: scheduled } : {}),
    ...(last ? { lastSuccessfulTime: last } : {}),
  };
}
