import { applyDefaults } from "../defaults.ts";
import type { LabelSelector, ObjectMeta, PodSpec } from "../gen/types.ts";
import { fromLabelSelector, matchesSelector } from "../selector.ts";
import { checkPodAnnotations } from "./annotations.ts";
import type { Check } from "./check.ts";
import { checkLabelSelector } from "./label-selector.ts";
import { checkAnnotations, checkLabels } from "./meta.ts";
import { checkPodSpec } from "./pod.ts";

export interface Template {
  metadata?: ObjectMeta;
  spec?: PodSpec;
}

/** A number of things: replicas, seconds, retries. */
export function checkCount(check: Check, path: string, value: number | undefined): void {
  if (value !== undefined && value < 0) check.invalid(path, value, "must be greater than or equal to 0");
}

/** Rules for a template as for the Pod it becomes; paths are those of the file. Gives the spec with its defaults. */
export function checkTemplate(
  check: Check,
  path: string,
  template: Template | undefined,
  { volumes = [] }: { volumes?: PodSpec["volumes"] } = {},
): PodSpec | undefined {
  const inner = check.within(`${path}.`);
  checkLabels(inner, "metadata.labels", template?.metadata?.labels);
  checkAnnotations(inner, "metadata.annotations", template?.metadata?.annotations);
  checkPodAnnotations(inner, template?.metadata?.annotations);
  if (template?.spec === undefined) {
    inner.required("spec", "a pod has at least one container");
    return undefined;
  }
  const { spec } = applyDefaults({ spec: template.spec });
  const own = (spec.volumes ?? []).filter(({ name }) => !volumes.some((other) => other.name === name));
  checkPodSpec(inner, volumes.length === 0 ? spec : { ...spec, volumes: [...own, ...volumes] });
  return spec;
}

/** The selector says something, and the template's labels are among what it selects. */
export function checkSelector(
  check: Check,
  kind: string,
  { selector, template }: { selector?: LabelSelector; template?: Template },
): void {
  if (selector === undefined || check.hasBroken("spec.selector")) return;
  checkLabelSelector(check, "spec.selector", selector);
  const labels = template?.metadata?.labels;
  if (Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0)
    check.invalid("spec.selector", selector, `empty selector is invalid for ${kind}`);
  else if (!matchesSelector(fromLabelSelector(selector), labels))
    check.invalid(
      "spec.template.metadata.labels",
      labels ?? {},
      "`selector` does not match template `labels`",
      { help: "give the template the labels of spec.selector.matchLabels" },
    );
}

/** Pods of a workload that keeps them running: restarted for ever, without a deadline. */
export function checkLasting(check: Check, kind: string, spec: PodSpec | undefined): void {
  check.oneOf("spec.template.spec.restartPolicy", spec?.restartPolicy, ["Always"], {
    help: "a Job runs pods to their end",
  });
  if (spec?.activeDeadlineSeconds !== undefined)
    check.forbidden(
      "spec.template.spec.activeDeadlineSeconds",
      `activeDeadlineSeconds in ${kind} is not Supported`,
    );
}

/** A number, or a percentage of the replicas: at most all of them, unless more are allowed. */
export function checkShare(
  check: Check,
  path: string,
  value: number | string | undefined,
  { most = 100 }: { most?: number } = {},
): void {
  if (typeof value === "number") checkCount(check, path, value);
  else if (value !== undefined && !/^[0-9]+%$/.test(value))
    check.invalid(
      path,
      value,
      "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')",
    );
  else if (value !== undefined && percentOf(value) > most)
    check.invalid(path, value, "must not be greater than 100%");
}

export const isZero = (value: number | string | undefined): boolean =>
  value === 0 || (typeof value === "string" && percentOf(value) === 0);

const percentOf = (text: string): number => Number(/^(\d+)%$/.exec(text)?.[1] ?? Number.NaN);
