import type { Container, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";

const POLICIES = ["Always", "OnFailure", "Never"];
const MAX_RULES = 20;
const MAX_EXIT_CODES = 255;

/** Rules for a container's own restartPolicy and restartPolicyRules (validateContainerRestartPolicy). */
export function checkRestart(check: Check, path: string, container: Container): void {
  const { restartPolicy, restartPolicyRules: rules = [] } = container;
  if (restartPolicy === undefined) {
    if (rules.length > 0)
      check.required(`${path}.restartPolicy`, "must specify restartPolicy when restart rules are used", {
        at: `${path}.restartPolicyRules`,
        help: "the policy for exit codes that no rule names: restartPolicy: Always, OnFailure or Never beside the rules",
      });
  } else check.oneOf(`${path}.restartPolicy`, restartPolicy, POLICIES);
  if (rules.length > MAX_RULES)
    check.tooMany(`${path}.restartPolicyRules`, { have: rules.length, most: MAX_RULES });
  for (const [i, { action, exitCodes }] of rules.entries()) {
    const at = `${path}.restartPolicyRules[${i}]`;
    check.oneOf(`${at}.action`, action, ["Restart", "RestartAllContainers"]);
    if (exitCodes === undefined) {
      check.required(`${at}.exitCodes`, "must be specified", {
        at,
        help: "for example exitCodes: {operator: In, values: [42]}",
      });
      continue;
    }
    check.oneOf(`${at}.exitCodes.operator`, exitCodes.operator, ["In", "NotIn"]);
    const count = exitCodes.values?.length ?? 0;
    if (count > MAX_EXIT_CODES)
      check.tooMany(`${at}.exitCodes.values`, { have: count, most: MAX_EXIT_CODES });
  }
}

/** Rules for resizePolicy (validateResizePolicy). */
export function checkResize(
  check: Check,
  path: string,
  { resizePolicy = [] }: Container,
  spec: PodSpec,
): void {
  const names = new Set<string>();
  for (const [i, { resourceName, restartPolicy }] of resizePolicy.entries()) {
    const at = `${path}.resizePolicy[${i}]`;
    if (resourceName !== undefined && names.has(resourceName)) check.duplicate(at, resourceName);
    names.add(resourceName);
    check.oneOf(`${at}.resourceName`, resourceName, ["cpu", "memory"]);
    check.oneOf(`${at}.restartPolicy`, restartPolicy, ["NotRequired", "RestartContainer"]);
    if (spec.restartPolicy === "Never" && restartPolicy === "RestartContainer")
      check.invalid(
        `${at}.restartPolicy`,
        restartPolicy,
        "must be 'NotRequired' when `restartPolicy` is 'Never'",
      );
  }
}
