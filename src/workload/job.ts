import type { JobCondition, JobObject, JobStatus } from "../manifest/index.ts";
import { apiTime, type Clock, earliest } from "./clock.ts";
import { isTrue, withCondition } from "./conditions.ts";
import { formatIndexes } from "./indexes.ts";
import { countJob, type JobCount, type JobMemory } from "./job-count.ts";
import { deadlineOf, type Ending, endingOf, expiry, isOver } from "./job-ending.ts";
import { newJobPods, type PodPlan } from "./job-pods.ts";
import type { Random } from "./names.ts";
import {
  created,
  deleted,
  type NewPod,
  normal,
  type Outcome,
  type WorkloadEvent,
  warning,
} from "./outcome.ts";
import { isReady, type PodSummary } from "./pod-summary.ts";

export interface JobInput {
  job: JobObject;
  /** The pods it controls, ended ones too. */
  pods: readonly PodSummary[];
  memory: JobMemory | undefined;
  clock: Clock;
  random: Random;
}

export interface JobOutcome extends Outcome<JobObject> {
  /** Its time to live after its end is over. */
  expired: boolean;
}

/** One step of a Job: counts what has ended, then starts, replaces or ends pods. */
export function reconcileJob(input: JobInput): JobOutcome {
  const { job, pods, clock } = input;
  if (isOver(job)) return finished(input);
  const started = withStart(job, clock);
  const count = countJob(started, pods, input.memory ?? {}, clock);
  const ending = endingOf(started, count, clock);
  const events: WorkloadEvent[] = [];
  let conditions = [...(job.status?.conditions ?? [])];
  if (ending) conditions = ended(conditions, ending, { count, clock, events });
  else conditions = suspended(job, conditions, clock, events);
  const stopAll = ending !== undefined || job.spec.suspend === true;
  const plan = stopAll
    ? { create: [], surplus: count.active, waitUntil: undefined }
    : newJobPods(started, pods, count, input);
  events.push(
    ...plan.surplus.map(({ name }) => deleted(name)),
    ...plan.create.map((pod) => created(nameOf(pod))),
  );
  const over = conditions.some(({ type, status }) => /^(Complete|Failed)$/.test(type) && status === "True");
  return {
    create: plan.create,
    remove: plan.surplus.map(({ uid }) => ({ uid, reason: ending?.message ?? "no longer needed" })),
    status: statusOf(started, count, { conditions, plan, clock }),
    events,
    memory: {
      ...count.memory,
      // What a failed Job takes down with it is among its failures.
      dropped: [
        ...(count.memory.dropped ?? []),
        ...(ending?.type === "FailureTarget" ? [] : plan.surplus.map(({ uid }) => uid)),
      ],
    } satisfies JobMemory,
    requeueAt: over
      ? expiry({ ...job, status: { conditions } }, clock)
      : earliest(ending ? undefined : deadlineOf(started, clock), plan.waitUntil),
    expired: false,
  };
}

const nameOf = ({ metadata }: NewPod): string => metadata.name;

/** A Job that is over: nothing runs any more, and some day it goes. */
function finished({ job, pods, memory, clock }: JobInput): JobOutcome {
  const at = expiry(job, clock);
  const left = pods.filter(
    ({ phase, terminating }) => phase !== "Succeeded" && phase !== "Failed" && !terminating,
  );
  return {
    create: [],
    remove: left.map(({ uid }) => ({ uid, reason: "the Job is over" })),
    status: job.status ?? {},
    events: [],
    memory,
    requeueAt: at !== undefined && at > clock.now ? at : undefined,
    expired: at !== undefined && at <= clock.now,
  };
}

/** The clock of activeDeadlineSeconds starts when the Job does, and again when it is resumed. */
function withStart(job: JobObject, clock: Clock): JobObject {
  if (job.spec.suspend) return job;
  const resumed = isTrue(job.status?.conditions, "Suspended");
  if (job.status?.startTime !== undefined && !resumed) return job;
  return { ...job, status: { ...job.status, startTime: apiTime(clock.now) } };
}

function suspended(
  { spec }: JobObject,
  conditions: JobCondition[],
  clock: Clock,
  events: WorkloadEvent[],
): JobCondition[] {
  const was = isTrue(conditions, "Suspended");
  if (was === (spec.suspend === true)) return conditions;
  const [status, reason, message] = spec.suspend
    ? ["True", "JobSuspended", "Job suspended"]
    : ["False", "JobResumed", "Job resumed"];
  events.push(normal(spec.suspend ? "Suspended" : "Resumed", message as string));
  return set(conditions, "Suspended", { status, reason, message } as Words, clock);
}

interface Words {
  status: string;
  reason: string;
  message: string;
}

const set = (conditions: JobCondition[], type: string, words: Words, clock: Clock): JobCondition[] =>
  withCondition(conditions, { type, ...words }, clock, "lastProbeTime");

/** First that it will end, then, when no pod runs any more, that it has. */
function ended(
  conditions: JobCondition[],
  { type, reason, message }: Ending,
  { count, clock, events }: { count: JobCount; clock: Clock; events: WorkloadEvent[] },
): JobCondition[] {
  const words = { status: "True", reason, message };
  const announced = set(conditions, type, words, clock);
  if (count.active.length + count.terminating.length > 0) return announced;
  const failed = type === "FailureTarget";
  events.push(failed ? warning(reason, message) : normal("Completed", "Job completed"));
  return set(announced, failed ? "Failed" : "Complete", words, clock);
}

function statusOf(
  job: JobObject,
  count: JobCount,
  {
    conditions,
    plan,
    clock,
  }: { conditions: JobCondition[]; plan: Pick<PodPlan, "create" | "surplus">; clock: Clock },
): JobStatus {
  const staying = count.active.filter((pod) => !plan.surplus.includes(pod));
  const active = staying.length + plan.create.length;
  const terminating = count.terminating.length + plan.surplus.length;
  const complete = isTrue(conditions, "Complete");
  const indexed = job.spec.completionMode === "Indexed";
  const { startTime } = job.status ?? {};
  return {
    ...(startTime === undefined || job.spec.suspend ? {} : { startTime }),
    ...(complete ? { completionTime: job.status?.completionTime ?? apiTime(clock.now) } : {}),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(active > 0 ? { active } : {}),
    ...(count.succeeded > 0 ? { succeeded: count.succeeded } : {}),
    ...(count.failed > 0 ? { failed: count.failed } : {}),
    ready: staying.filter(isReady).length,
    terminating,
    ...(indexed ? { completedIndexes: formatIndexes(count.completed) } : {}),
    ...(job.spec.backoffLimitPerIndex === undefined
      ? {}
      : { failedIndexes: formatIndexes(count.failedIndexes) }),
    uncountedTerminatedPods: {},
  };
}
