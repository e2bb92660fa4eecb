import { labelKeyFaults, labelValueFaults } from "../formats.ts";
import type { PodSpec, Toleration, TopologySpreadConstraint } from "../gen/types.ts";
import { checkAffinity } from "./affinity.ts";
import type { Check } from "./check.ts";
import { checkLabelSelector } from "./label-selector.ts";

/** Rules for gates, and for what only a scheduler acts on: the API refuses a wrong one wherever the pod would run. */
export function checkScheduling(check: Check, spec: PodSpec): void {
  for (const [i, { conditionType }] of (spec.readinessGates ?? []).entries()) {
    const at = `spec.readinessGates[${i}].conditionType`;
    if (conditionType !== undefined) check.invalidAll(at, conditionType, labelKeyFaults(conditionType));
  }
  const gates = new Set<string>();
  for (const [i, { name }] of (spec.schedulingGates ?? []).entries()) {
    if (name === undefined) continue;
    const at = `spec.schedulingGates[${i}]`;
    check.invalidAll(at, name, labelKeyFaults(name), { at: `${at}.name` });
    if (gates.has(name)) check.duplicate(at, name, { at: `${at}.name` });
    gates.add(name);
  }
  for (const [i, toleration] of (spec.tolerations ?? []).entries())
    checkToleration(check, `spec.tolerations[${i}]`, toleration);
  checkSpread(check, spec);
  checkAffinity(check, spec);
  if (spec.nodeName && gates.size > 0)
    check.forbidden("spec.nodeName", "cannot be set until all schedulingGates have been cleared");
}

function checkToleration(
  check: Check,
  path: string,
  { key = "", operator = "Equal", value = "", effect, tolerationSeconds }: Toleration,
): void {
  if (key !== "") check.invalidAll(`${path}.key`, key, labelKeyFaults(key));
  else if (operator !== "Exists")
    check.invalid(
      `${path}.operator`,
      operator,
      'operator must be Exists when `key` is empty, which means "match all values and all keys"',
    );
  if (tolerationSeconds !== undefined && effect !== "NoExecute")
    check.invalid(
      `${path}.effect`,
      effect ?? "",
      "effect must be 'NoExecute' when `tolerationSeconds` is set",
    );
  if (operator === "Exists" && value !== "")
    check.invalid(`${path}.operator`, value, "value must be empty when `operator` is 'Exists'");
  else if (operator === "Equal") check.invalidAll(`${path}.operator`, value, labelValueFaults(value));
  else check.oneOf(`${path}.operator`, operator, ["Equal", "Exists", "Gt", "Lt"]);
  check.oneOf(`${path}.effect`, effect || undefined, ["NoSchedule", "PreferNoSchedule", "NoExecute"]);
}

function checkSpread(check: Check, { topologySpreadConstraints }: PodSpec): void {
  const seen = new Set<string>();
  for (const [i, constraint] of (topologySpreadConstraints ?? []).entries()) {
    const at = `spec.topologySpreadConstraints[${i}]`;
    const { maxSkew, topologyKey, whenUnsatisfiable, minDomains, labelSelector } = constraint;
    if (maxSkew !== undefined && maxSkew <= 0)
      check.invalid(`${at}.maxSkew`, maxSkew, "must be greater than zero");
    if (topologyKey === "") check.required(`${at}.topologyKey`, "can not be empty");
    check.oneOf(`${at}.whenUnsatisfiable`, whenUnsatisfiable, ["DoNotSchedule", "ScheduleAnyway"]);
    if (minDomains !== undefined && minDomains <= 0)
      check.invalid(`${at}.minDomains`, minDomains, "must be greater than zero");
    if (minDomains !== undefined && whenUnsatisfiable && whenUnsatisfiable !== "DoNotSchedule")
      check.invalid(
        `${at}.minDomains`,
        minDomains,
        `can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ${whenUnsatisfiable}`,
      );
    for (const policy of ["nodeAffinityPolicy", "nodeTaintsPolicy"] as const)
      check.oneOf(`${at}.${policy}`, constraint[policy], ["Honor", "Ignore"]);
    checkLabelSelector(check, `${at}.labelSelector`, labelSelector);
    checkKeys(check, at, constraint);
    const key = `{${topologyKey}, ${whenUnsatisfiable}}`;
    if (topologyKey !== undefined && whenUnsatisfiable !== undefined && seen.has(key))
      check.duplicate(`${at}.{topologyKey, whenUnsatisfiable}`, key, { at });
    seen.add(key);
  }
}

function checkKeys(
  check: Check,
  at: string,
  { matchLabelKeys = [], labelSelector }: TopologySpreadConstraint,
): void {
  if (matchLabelKeys.length > 0 && labelSelector === undefined)
    check.forbidden(`${at}.matchLabelKeys`, "must not be specified when labelSelector is not set");
  // The API server itself adds the pod's value of such a key to the selector, as `key in (value)`.
  const others = (labelSelector?.matchExpressions ?? []).filter(({ operator }) => operator !== "In");
  const selected = [...Object.keys(labelSelector?.matchLabels ?? {}), ...others.map(({ key }) => key)];
  for (const [i, key] of matchLabelKeys.entries()) {
    check.invalidAll(`${at}.matchLabelKeys[${i}]`, key, labelKeyFaults(key));
    if (selected.includes(key))
      check.invalid(`${at}.matchLabelKeys[${i}]`, key, "exists in both matchLabelKeys and labelSelector");
  }
}
