import { cronFault, isTimeZone } from "../cron.ts";
import { between, dnsLabelFaults, labelKeyFaults } from "../formats.ts";
import type { Container, JobSpec, PodFailurePolicyOnExitCodesRequirement } from "../gen/types.ts";
import type { CronJobObject, JobObject } from "../workload-object.ts";
import type { Check } from "./check.ts";
import { checkIndexed } from "./jobs-indexed.ts";
import { checkAnnotations, checkLabels } from "./meta.ts";
import { checkCount, checkTemplate, type Template } from "./template.ts";

const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;
/** The names of its jobs have eleven characters more, and a label's value must hold them. */
const MAX_CRON_NAME = 52;

type Spec = Omit<JobSpec, "template"> & { template?: Template };

export function checkJob(check: Check, { metadata, spec }: JobObject): void {
  if (spec.selector !== undefined && spec.manualSelector !== true)
    check.invalid("spec.selector", spec.selector, "`selector` not auto-generated", {
      help: "leave it away: the Job's own uid selects its pods",
    });
  checkJobSpec(check, spec);
  const last = (spec.completions ?? 1) - 1;
  const name = metadata.name === undefined ? undefined : `${metadata.name}-${last}`;
  if (spec.completionMode === "Indexed" && name !== undefined && dnsLabelFaults(name).length > 0)
    check.invalid(
      "metadata.name",
      metadata.name,
      `will not able to create pod with invalid DNS name: ${name}`,
    );
}

/** Rules for a Job's spec; paths begin with `spec.`, also for the template of a CronJob, which gives a check `within`. */
function checkJobSpec(check: Check, spec: Spec): void {
  for (const field of [
    "parallelism",
    "completions",
    "activeDeadlineSeconds",
    "backoffLimit",
    "ttlSecondsAfterFinished",
    "backoffLimitPerIndex",
    "maxFailedIndexes",
  ] as const)
    checkCount(check, `spec.${field}`, spec[field]);
  check.oneOf("spec.completionMode", spec.completionMode, ["NonIndexed", "Indexed"]);
  check.oneOf("spec.podReplacementPolicy", spec.podReplacementPolicy, ["Failed", "TerminatingOrFailed"]);
  checkIndexed(check, spec);
  const pod = checkTemplate(check, "spec.template", spec.template);
  // Any other word is no policy of a pod either, which has been said.
  if (pod?.restartPolicy === "Always")
    check.required("spec.template.spec.restartPolicy", 'valid values: "OnFailure", "Never"', {
      help: "Never starts a new pod after a failure, OnFailure the container of the same pod",
    });
  checkFailurePolicy(check, spec, pod?.restartPolicy);
}

function checkFailurePolicy(check: Check, spec: Spec, restartPolicy: string | undefined): void {
  if (spec.backoffLimitPerIndex !== undefined && restartPolicy === "OnFailure")
    check.invalid(
      "spec.template.spec.restartPolicy",
      restartPolicy,
      'only "Never" is supported when backoffLimitPerIndex is specified',
    );
  if (spec.podFailurePolicy === undefined) return;
  if (restartPolicy === "OnFailure")
    check.invalid(
      "spec.template.spec.restartPolicy",
      restartPolicy,
      'only "Never" is supported when podFailurePolicy is specified',
    );
  if (spec.podReplacementPolicy === "TerminatingOrFailed")
    check.oneOf("spec.podReplacementPolicy", spec.podReplacementPolicy, ["Failed"]);
  const containers = [
    ...(spec.template?.spec?.containers ?? []),
    ...(spec.template?.spec?.initContainers ?? []),
  ];
  const rules = spec.podFailurePolicy.rules ?? [];
  if (rules.length > MAX_RULES)
    check.tooMany("spec.podFailurePolicy.rules", { have: rules.length, most: MAX_RULES });
  for (const [i, rule] of rules.entries()) {
    const at = `spec.podFailurePolicy.rules[${i}]`;
    check.oneOf(`${at}.action`, rule.action, ["Count", "FailIndex", "FailJob", "Ignore"]);
    if (rule.action === "FailIndex" && spec.backoffLimitPerIndex === undefined)
      check.invalid(`${at}.action`, rule.action, "requires the backoffLimitPerIndex to be set");
    const patterns = rule.onPodConditions ?? [];
    if (rule.onExitCodes !== undefined && patterns.length > 0)
      check.wrong(at, "specifying both OnExitCodes and OnPodConditions is not supported");
    if (rule.onExitCodes === undefined && patterns.length === 0)
      check.wrong(at, "specifying one of OnExitCodes and OnPodConditions is required");
    for (const [j, { type, status }] of patterns.entries()) {
      const inner = `${at}.onPodConditions[${j}]`;
      if (type !== undefined) check.invalidAll(`${inner}.type`, type, labelKeyFaults(type));
      check.oneOf(`${inner}.status`, status, ["False", "True", "Unknown"]);
    }
    if (rule.onExitCodes !== undefined)
      checkExitCodes(check, `${at}.onExitCodes`, rule.onExitCodes, containers);
  }
}

function checkExitCodes(
  check: Check,
  at: string,
  { operator, values = [], containerName }: PodFailurePolicyOnExitCodesRequirement,
  containers: readonly Container[],
): void {
  check.oneOf(`${at}.operator`, operator, ["In", "NotIn"]);
  if (values.length === 0) check.invalid(`${at}.values`, values, "at least one value is required");
  if (values.length > MAX_EXIT_CODES)
    check.tooMany(`${at}.values`, { have: values.length, most: MAX_EXIT_CODES });
  for (const [i, code] of values.entries()) {
    if (operator === "In" && code === 0)
      check.invalid(`${at}.values[${i}]`, code, "must not be 0 for the In operator");
    if (values.indexOf(code) < i) check.duplicate(`${at}.values[${i}]`, code);
  }
  if (values.some((code, i) => i > 0 && (values[i - 1] as number) > code))
    check.invalid(`${at}.values`, values, "must be ordered");
  if (containerName !== undefined && !containers.some(({ name }) => name === containerName))
    check.invalid(
      `${at}.containerName`,
      containerName,
      "must be one of the container or initContainer names in the pod template",
    );
}

export function checkCronJob(check: Check, { metadata, spec }: CronJobObject): void {
  if ((metadata.name?.length ?? 0) > MAX_CRON_NAME)
    check.invalid("metadata.name", metadata.name, `must be no more than ${MAX_CRON_NAME} characters`);
  if (spec.schedule === "") check.required("spec.schedule");
  else if (spec.schedule !== undefined) {
    const fault = cronFault(spec.schedule);
    if (fault !== undefined)
      check.invalid("spec.schedule", spec.schedule, fault, {
        help: "minute hour day-of-month month day-of-week: '*/5 * * * *' is every five minutes",
      });
  }
  checkTimeZone(check, spec.timeZone);
  check.oneOf("spec.concurrencyPolicy", spec.concurrencyPolicy, ["Allow", "Forbid", "Replace"]);
  for (const field of [
    "startingDeadlineSeconds",
    "successfulJobsHistoryLimit",
    "failedJobsHistoryLimit",
  ] as const)
    checkCount(check, `spec.${field}`, spec[field]);
  if (spec.startingDeadlineSeconds !== undefined && spec.startingDeadlineSeconds > 2147483647)
    check.invalid("spec.startingDeadlineSeconds", spec.startingDeadlineSeconds, between(0, 2147483647));
  const job = spec.jobTemplate;
  if (job === undefined) return;
  const inner = check.within("spec.jobTemplate.");
  checkLabels(inner, "metadata.labels", job.metadata?.labels);
  checkAnnotations(inner, "metadata.annotations", job.metadata?.annotations);
  if (job.spec === undefined) {
    inner.required("spec");
    return;
  }
  if (job.spec.selector !== undefined)
    inner.invalid("spec.selector", job.spec.selector, "`selector` will be auto-generated");
  if (job.spec.manualSelector === true) inner.oneOf("spec.manualSelector", "true", ["nil", "false"]);
  checkJobSpec(inner, job.spec);
}

function checkTimeZone(check: Check, timeZone: string | undefined): void {
  if (timeZone === undefined) return;
  if (timeZone === "") check.invalid("spec.timeZone", timeZone, "timeZone must be nil or non-empty string");
  else if (timeZone.toLowerCase() === "local")
    check.invalid(
      "spec.timeZone",
      timeZone,
      "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones",
    );
  else if (!isTimeZone(timeZone)) check.invalid("spec.timeZone", timeZone, `unknown time zone ${timeZone}`);
}
