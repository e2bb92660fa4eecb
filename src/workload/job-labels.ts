import type { JobObject } from "../manifest/index.ts";

export const INDEX = "batch.kubernetes.io/job-completion-index";
export const INDEX_FAILURES = "batch.kubernetes.io/job-index-failure-count";

/**
 * A Job whose uid is known, with the selector and labels by which it finds its pods (the API server's
 * generateSelector); one with manualSelector keeps its own.
 */
export function withSelector(job: JobObject): JobObject {
  const uid = job.metadata.uid ?? "";
  const manual = job.spec.manualSelector === true;
  const { template } = job.spec;
  const labels = {
    ...template.metadata?.labels,
    "batch.kubernetes.io/controller-uid": uid,
    "batch.kubernetes.io/job-name": job.metadata.name,
    // The names of before 1.27, which tools still look for.
    "controller-uid": uid,
    "job-name": job.metadata.name,
  };
  return {
    ...job,
    spec: {
      ...job.spec,
      selector: manual
        ? (job.spec.selector ?? {})
        : { matchLabels: { "batch.kubernetes.io/controller-uid": uid } },
      template: { ...template, metadata: { ...template.metadata, labels } },
    },
  };
}
