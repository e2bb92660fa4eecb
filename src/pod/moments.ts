import type { AttemptView, PodView } from "./view.ts";

/** A pod as it was at one moment (milliseconds since the epoch). */
export interface Moment {
  at: number;
  view: PodView;
}

/**
 * Everything that became of a pod's containers after `since`, one moment after the other: who looks at a pod from
 * time to time misses what lasts shorter than the time between, the records on disk do not.
 */
export function momentsAfter(view: PodView, since: number): Moment[] {
  const times = [
    view.record.createdAt,
    ...view.containers.flatMap(({ attempts }) => attempts.flatMap(timesOf)),
  ].map((time) => Date.parse(time));
  return [...new Set(times)]
    .filter((time) => time > since)
    .sort((a, b) => a - b)
    .map((at) => ({ at, view: viewAt(view, at) }));
}

function timesOf({ record, exit }: AttemptView): string[] {
  return [record.startedAt, exit?.finishedAt, record.error?.at].filter((time) => time !== undefined);
}

function viewAt(view: PodView, at: number): PodView {
  const containers = view.containers.map((container) => ({
    ...container,
    attempts: container.attempts.flatMap((attempt) => attemptAt(attempt, at)),
  }));
  return { ...view, sandbox: sandboxAt(view, at, containers), containers };
}

function attemptAt(attempt: AttemptView, at: number): AttemptView[] {
  const isPast = (time: string | undefined) => time !== undefined && Date.parse(time) <= at;
  const { record, exit, health, message, alive } = attempt;
  if (!isPast(record.createdAt)) return [];
  const { startedAt, error, ...created } = record;
  const hasEnded = isPast(exit?.finishedAt);
  return [
    {
      record: {
        ...created,
        ...(startedAt !== undefined && isPast(startedAt) ? { startedAt } : {}),
        ...(error !== undefined && (error.at === undefined || isPast(error.at)) ? { error } : {}),
      },
      ...(exit && hasEnded ? { exit, ...(message === undefined ? {} : { message }) } : {}),
      ...(health && isPast(health.since) ? { health } : {}),
      alive: exit ? !hasEnded : alive,
    },
  ];
}

/** Before its first container it was being made; before it was asked to end it was not ending. */
function sandboxAt({ sandbox }: PodView, at: number, containers: PodView["containers"]): PodView["sandbox"] {
  const { infra, finalPhase, reason, message, stoppedAt, graceSeconds, ...rest } = sandbox;
  if (containers.every(({ attempts }) => attempts.length === 0))
    return { ...rest, phase: "creating", ip: "" };
  if (stoppedAt === undefined || Date.parse(stoppedAt) <= at) return sandbox;
  return { ...rest, ...(infra ? { infra } : {}), phase: "ready" };
}
