import type { CronJobObject, CronJobStatus, JobObject } from "../manifest/index.ts";
import { apiTime, type Clock, zonedTime } from "./clock.ts";
import { isTrue } from "./conditions.ts";
import { dueTime } from "./due.ts";
import { isOver } from "./job-ending.ts";
import { normal, type WorkloadEvent, warning } from "./outcome.ts";
import { ownedBy } from "./owner.ts";
import type { NextTime } from "./schedule.ts";

/** What a CronJob remembers: of what lasts, what it has told already. */
export interface CronJobMemory {
  told?: string[];
}

export interface CronJobInput {
  cron: CronJobObject;
  memory: CronJobMemory | undefined;
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
  memory: CronJobMemory;
  requeueAt?: number | undefined;
}

const SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";

/** One step of a CronJob: the history is cut, and a Job is made when its time has come. */
export function reconcileCronJob(input: CronJobInput): CronJobOutcome {
  const { cron, jobs, clock, next } = input;
  const { spec, status } = cron;
  const told = new Set(input.memory?.told);
  const lasting: string[] = [];
  const events = changesOf(cron, jobs);
  const once = (key: string, event: WorkloadEvent) => {
    lasting.push(key);
    if (!told.has(key)) events.push(event);
  };
  for (const { metadata } of jobs.filter((job) => !isOver(job) && !isScheduled(job)))
    once(`unexpected ${metadata.uid}`, warning("UnexpectedJob", `${UNEXPECTED}: ${metadata.name}`));
  const remove = [
    ...overflow(jobs, "Complete", spec.successfulJobsHistoryLimit ?? 3),
    ...overflow(jobs, "Failed", spec.failedJobsHistoryLimit ?? 1),
  ];
  // One that a person has made of it is another affair: it holds up none.
  let active = jobs.filter((job) => !isOver(job) && isScheduled(job));
  const due = spec.suspend ? undefined : dueTime(cron, clock, next);
  let create: JobObject | undefined;
  if (due?.tooMany) once(`missed ${due.at}`, warning("TooManyMissedTimes", TOO_MANY));
  if (due !== undefined && spec.concurrencyPolicy === "Forbid" && active.length > 0)
    once(`held ${due.at}`, normal("JobAlreadyActive", HELD));
  else if (due !== undefined) {
    if (spec.concurrencyPolicy === "Replace") {
      remove.push(...active.map(({ metadata }) => metadata.name));
      active = [];
    }
    create = jobAt(cron, due.at);
    events.push(normal("SuccessfulCreate", `Created job ${create.metadata.name}`));
  }
  events.push(...remove.map((name) => normal("SuccessfulDelete", `Deleted job ${name}`)));
  const scheduled = create && due ? apiTime(due.at) : status?.lastScheduleTime;
  return {
    ...(create ? { create } : {}),
    remove,
    events,
    memory: { told: lasting },
    status: statusOf(cron, jobs, active, scheduled),
    requeueAt: spec.suspend ? undefined : next(spec.schedule, spec.timeZone, clock.now),
  };
}

const UNEXPECTED = "Saw a job that the controller did not create or forgot";
const TOO_MANY =
  "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew";
const HELD = "Not starting job because prior execution is running and concurrency policy is Forbid";

/** Made by its schedule, and not by a person. */
const isScheduled = ({ metadata }: JobObject): boolean => metadata.annotations?.[SCHEDULED] !== undefined;

/** What has become of the Jobs that were running. */
function changesOf({ status }: CronJobObject, jobs: readonly JobObject[]): WorkloadEvent[] {
  return (status?.active ?? []).flatMap(({ uid, name }) => {
    const job = jobs.find(({ metadata }) => metadata.uid === uid);
    if (job === undefined) return [normal("MissingJob", `Active job went missing: ${name}`)];
    if (!isOver(job)) return [];
    return [normal("SawCompletedJob", `Saw completed job: ${name}, condition: ${endOf(job)}`)];
  });
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
  jobOf(cron, `${cron.metadata.name}-${Math.floor(at / 60_000)}`, {
    [SCHEDULED]: zonedTime(at, cron.spec.timeZone),
  });

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
