import { dnsLabelFaults, dnsSubdomainFaults, labelKeyFaults } from "../formats.ts";
import type { NodeSelectorTerm, PodAffinityTerm, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import {
  type Condition,
  checkKey,
  checkLabelSelector,
  checkLabelValues,
  checkValues,
} from "./label-selector.ts";

const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";

/** Rules for spec.affinity (validateAffinity): a wrong one is wrong wherever the pod runs. */
export function checkAffinity(check: Check, { affinity = {} }: PodSpec): void {
  const node = affinity.nodeAffinity;
  const at = "spec.affinity.nodeAffinity";
  if (node?.[REQUIRED]?.nodeSelectorTerms?.length === 0)
    check.required(`${at}.${REQUIRED}.nodeSelectorTerms`, "must have at least one node selector term");
  for (const [i, term] of (node?.[REQUIRED]?.nodeSelectorTerms ?? []).entries())
    checkTerm(check, `${at}.${REQUIRED}.nodeSelectorTerms[${i}]`, term, true);
  for (const [i, { weight, preference }] of (node?.[PREFERRED] ?? []).entries()) {
    checkWeight(check, `${at}.${PREFERRED}[${i}].weight`, weight);
    // A preference that no node can fulfil is allowed: its labels' values are not looked at.
    if (preference !== undefined) checkTerm(check, `${at}.${PREFERRED}[${i}].preference`, preference, false);
  }
  for (const kind of ["podAffinity", "podAntiAffinity"] as const) {
    const path = `spec.affinity.${kind}`;
    for (const [i, term] of (affinity[kind]?.[REQUIRED] ?? []).entries())
      checkPodTerm(check, `${path}.${REQUIRED}[${i}]`, term);
    for (const [i, { weight, podAffinityTerm }] of (affinity[kind]?.[PREFERRED] ?? []).entries()) {
      checkWeight(check, `${path}.${PREFERRED}[${i}].weight`, weight);
      if (podAffinityTerm !== undefined)
        checkPodTerm(check, `${path}.${PREFERRED}[${i}].podAffinityTerm`, podAffinityTerm);
    }
  }
}

function checkWeight(check: Check, path: string, weight: number | undefined): void {
  if (weight !== undefined && (weight < 1 || weight > 100))
    check.invalid(path, weight, "must be in the range 1-100");
}

function checkTerm(check: Check, path: string, term: NodeSelectorTerm, values: boolean): void {
  for (const [i, condition] of (term.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${i}]`;
    checkNodeCondition(check, at, condition);
    checkKey(check, at, condition);
    if (values) checkLabelValues(check, at, condition);
  }
  for (const [i, { key, operator, values: names = [] }] of (term.matchFields ?? []).entries()) {
    const at = `${path}.matchFields[${i}]`;
    if (operator === undefined || key === undefined) continue;
    if (operator !== "In" && operator !== "NotIn")
      check.invalid(`${at}.operator`, operator, "not a valid selector operator");
    else if (names.length !== 1)
      check.required(
        `${at}.values`,
        "must be only one value when `operator` is 'In' or 'NotIn' for node field selector",
        { at },
      );
    if (key !== "metadata.name") check.invalid(`${at}.key`, key, "not a valid field selector key");
    else
      for (const [j, name] of names.entries())
        check.invalidAll(`${at}.values[${j}]`, name, dnsSubdomainFaults(name));
  }
}

function checkNodeCondition(check: Check, at: string, condition: Condition): void {
  const { operator, values = [] } = condition;
  if (operator === "Gt" || operator === "Lt") {
    if (values.length !== 1)
      check.required(`${at}.values`, "must be specified single value when `operator` is 'Lt' or 'Gt'", {
        at,
      });
  } else if (!checkValues(check, at, condition) && operator !== undefined)
    check.invalid(`${at}.operator`, operator, "not a valid selector operator", {
      help: "one of In, NotIn, Exists, DoesNotExist, Gt, Lt",
    });
}

function checkPodTerm(check: Check, path: string, term: PodAffinityTerm): void {
  const { labelSelector, namespaceSelector, namespaces = [], topologyKey } = term;
  checkLabelSelector(check, `${path}.labelSelector`, labelSelector);
  checkLabelSelector(check, `${path}.namespaceSelector`, namespaceSelector);
  for (const [i, name] of namespaces.entries())
    check.invalidAll(`${path}.namespaces`, name, dnsLabelFaults(name), { at: `${path}.namespaces[${i}]` });
  if (topologyKey === "") check.required(`${path}.topologyKey`, "can not be empty");
  else if (topologyKey !== undefined)
    check.invalidAll(`${path}.topologyKey`, topologyKey, labelKeyFaults(topologyKey));
  for (const list of ["matchLabelKeys", "mismatchLabelKeys"] as const) {
    if ((term[list] ?? []).length > 0 && labelSelector === undefined)
      check.forbidden(`${path}.${list}`, "must not be specified when labelSelector is not set");
    for (const [i, key] of (term[list] ?? []).entries()) {
      const at = `${path}.${list}[${i}]`;
      check.invalidAll(at, key, labelKeyFaults(key));
      if (list === "mismatchLabelKeys" && term.matchLabelKeys?.includes(key))
        check.invalid(at, key, "exists in both matchLabelKeys and mismatchLabelKeys");
    }
  }
}
