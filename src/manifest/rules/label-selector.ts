import { labelKeyFaults, labelValueFaults } from "../formats.ts";
import type { LabelSelector } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkLabels } from "./meta.ts";

/** One condition of a selector. */
export interface Condition {
  key?: string;
  operator?: string;
  values?: string[];
}

/** Rules for a label selector (ValidateLabelSelector of apimachinery). */
export function checkLabelSelector(check: Check, path: string, selector: LabelSelector | undefined): void {
  if (selector === undefined || check.isBroken(path)) return;
  checkLabels(check, `${path}.matchLabels`, selector.matchLabels);
  for (const [i, condition] of (selector.matchExpressions ?? []).entries()) {
    const at = `${path}.matchExpressions[${i}]`;
    if (!checkValues(check, at, condition) && condition.operator !== undefined)
      check.invalid(`${at}.operator`, condition.operator, "not a valid selector operator", {
        help: "one of In, NotIn, Exists, DoesNotExist",
      });
    checkKey(check, at, condition);
    checkLabelValues(check, at, condition);
  }
}

export function checkKey(check: Check, at: string, { key }: Condition): void {
  if (key !== undefined) check.invalidAll(`${at}.key`, key, labelKeyFaults(key));
}

export function checkLabelValues(check: Check, at: string, { values = [] }: Condition): void {
  for (const [i, value] of values.entries())
    check.invalidAll(`${at}.values[${i}]`, value, labelValueFaults(value));
}

/** Whether the operator is one that compares with a list or asks for a key; its values are checked then. */
export function checkValues(check: Check, at: string, { operator, values = [] }: Condition): boolean {
  if (operator === "In" || operator === "NotIn") {
    if (values.length === 0)
      check.required(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'", { at });
    return true;
  }
  if (operator !== "Exists" && operator !== "DoesNotExist") return false;
  if (values.length > 0)
    check.forbidden(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  return true;
}
