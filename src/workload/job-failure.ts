import type { JobObject } from "../manifest/index.ts";
import type { PodSummary } from "./pod-summary.ts";

export interface Verdict {
  action: string;
  message: string;
}

/** What the first matching rule of podFailurePolicy says of a failed pod; undefined when none matches. */
export function judge({ spec }: JobObject, pod: PodSummary): Verdict | undefined {
  for (const [i, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const at = `matching ${rule.action} rule at index ${i}`;
    const name = `${pod.namespace}/${pod.name}`;
    if (rule.onExitCodes) {
      const { containerName, operator, values } = rule.onExitCodes;
      const hit = pod.exits.find(
        ({ container, code }) =>
          code !== 0 &&
          (containerName === undefined || container === containerName) &&
          values.includes(code) === (operator === "In"),
      );
      if (hit)
        return {
          action: rule.action,
          message: `Container ${hit.container} for pod ${name} failed with exit code ${hit.code} ${at}`,
        };
    }
    for (const pattern of rule.onPodConditions ?? []) {
      const met = pod.conditions.some(
        ({ type, status }) => type === pattern.type && status === (pattern.status ?? "True"),
      );
      if (met) return { action: rule.action, message: `Pod ${name} has condition ${pattern.type} ${at}` };
    }
  }
  return undefined;
}

/** Restarts inside pods count as failures when the containers, not the pods, are started again. */
export function exceedsByRestarts({ spec }: JobObject, active: readonly PodSummary[]): boolean {
  if (spec.template.spec.restartPolicy !== "OnFailure") return false;
  const restarts = active.reduce((sum, pod) => sum + pod.restarts, 0);
  const limit = spec.backoffLimit ?? 6;
  return limit === 0 ? restarts > 0 : restarts >= limit;
}

/** Seconds between a failure and the next pod: 10, 20, 40 … at most ten minutes. */
export function backoffSeconds(failures: number): number {
  if (failures <= 0) return 0;
  return Math.min(600, 10 * 2 ** Math.min(failures - 1, 10));
}
