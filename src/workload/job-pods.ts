import type { Container, EnvVar, JobObject, PodTemplate } from "../manifest/index.ts";
import { type Clock, earliest } from "./clock.ts";
import type { JobInput } from "./job.ts";
import { indexOf, type JobCount } from "./job-count.ts";
import { backoffSeconds } from "./job-failure.ts";
import { INDEX, INDEX_FAILURES } from "./job-labels.ts";
import { generatedNames } from "./names.ts";
import { newPod } from "./new-pod.ts";
import type { NewPod } from "./outcome.ts";
import type { PodSummary } from "./pod-summary.ts";
import { byWorth } from "./victims.ts";

export interface PodPlan {
  create: NewPod[];
  surplus: PodSummary[];
  /** After failures no pod is made before then (ms). */
  waitUntil: number | undefined;
}

/** How many pods may run now, and which are missing or too many. */
export function newJobPods(
  job: JobObject,
  pods: readonly PodSummary[],
  count: JobCount,
  { clock, random }: Pick<JobInput, "clock" | "random">,
): PodPlan {
  const { active } = count;
  const wanted = wantedPods(job, count);
  const surplus = byWorth(active).slice(0, Math.max(0, active.length - wanted));
  // With podReplacementPolicy Failed, a pod is replaced only when the last of it has ended.
  const waiting = job.spec.podReplacementPolicy === "Failed" ? count.terminating.length : 0;
  const missing = Math.max(0, wanted - active.length - waiting);
  if (missing === 0 || surplus.length > 0) return { create: [], surplus, waitUntil: undefined };
  const perIndex = job.spec.backoffLimitPerIndex !== undefined;
  const failures = count.memory.failures ?? { count: 0, last: 0 };
  const backOffEnd = failures.last + clock.seconds(backoffSeconds(failures.count));
  if (!perIndex && clock.now < backOffEnd) return { create: [], surplus, waitUntil: backOffEnd };
  const base = (index?: number) => `${job.metadata.name}-${index === undefined ? "" : `${index}-`}`;
  const taken = pods.map(({ name }) => name);
  if (job.spec.completionMode !== "Indexed") {
    const names = generatedNames(base(), missing, random, taken);
    return {
      create: names.map((name) => newPod(job, job.spec.template, { name, generateName: base() })),
      surplus,
      waitUntil: undefined,
    };
  }
  const next = freeIndexes(job, count).slice(0, missing);
  const until = (index: number) => (perIndex ? indexBackOffEnd(count.memory, index, clock) : 0);
  const create = next
    .filter((index) => until(index) <= clock.now)
    .map((index) => {
      const [name = ""] = generatedNames(base(index), 1, random, taken);
      return indexedPod(job, index, { name, failures: count.memory.indexFailures?.[index] ?? 0 });
    });
  return { create, surplus, waitUntil: earliest(...next.map(until).filter((time) => time > clock.now)) };
}

/** With backoffLimitPerIndex a failure of one index holds up no other. */
function indexBackOffEnd(
  { indexFailures, indexFailedAt }: JobCount["memory"],
  index: number,
  clock: Clock,
): number {
  return (indexFailedAt?.[index] ?? 0) + clock.seconds(backoffSeconds(indexFailures?.[index] ?? 0));
}

function wantedPods({ spec }: JobObject, { succeeded, active, failedIndexes }: JobCount): number {
  const parallelism = spec.parallelism ?? 1;
  // A queue of work: the first that succeeds says that there is no more of it.
  if (spec.completions === undefined)
    return succeeded > 0 ? Math.min(active.length, parallelism) : parallelism;
  return Math.max(0, Math.min(parallelism, spec.completions - succeeded - failedIndexes.size));
}

/** The lowest first; not those that are done, have failed for good, or run. */
function freeIndexes(
  { spec }: JobObject,
  { completed, failedIndexes, active, terminating }: JobCount,
): number[] {
  const waiting = spec.podReplacementPolicy === "Failed" ? terminating : [];
  const busy = new Set([...active, ...waiting].map(indexOf));
  return Array.from({ length: spec.completions ?? 0 }, (_, index) => index).filter(
    (index) => !completed.has(index) && !failedIndexes.has(index) && !busy.has(index),
  );
}

function indexedPod(
  job: JobObject,
  index: number,
  { name, failures }: { name: string; failures: number },
): NewPod {
  const { template } = job.spec;
  const indexed: PodTemplate = {
    ...template,
    spec: {
      ...template.spec,
      hostname: `${job.metadata.name}-${index}`,
      containers: template.spec.containers.map(withIndex),
      ...(template.spec.initContainers
        ? { initContainers: template.spec.initContainers.map(withIndex) }
        : {}),
    },
  };
  return newPod(job, indexed, {
    name,
    generateName: `${job.metadata.name}-${index}-`,
    labels: { [INDEX]: String(index) },
    annotations: {
      [INDEX]: String(index),
      ...(job.spec.backoffLimitPerIndex === undefined ? {} : { [INDEX_FAILURES]: String(failures) }),
    },
  });
}

const VARIABLE = "JOB_COMPLETION_INDEX";

/** A variable of that name that the container has already is the person's, and stays. */
function withIndex(container: Container): Container {
  if (container.env?.some(({ name }) => name === VARIABLE)) return container;
  const variable: EnvVar = {
    name: VARIABLE,
    valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: `metadata.labels['${INDEX}']` } },
  };
  return { ...container, env: [...(container.env ?? []), variable] };
}
