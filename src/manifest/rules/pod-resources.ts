import { aggregateContainers } from "../default-resources.ts";
import type { PodSpec } from "../gen/types.ts";
import { compareQuantities, formatQuantity, parseQuantity } from "../quantity.ts";
import type { Check } from "./check.ts";
import { checkResources } from "./resources.ts";

const isPodLevel = (name: string) => name === "cpu" || name === "memory" || name.startsWith("hugepages-");

/** Rules for the pod's own limits and requests beside those of its containers (validatePodResources). */
export function checkPodResources(check: Check, spec: PodSpec): void {
  const { resources } = spec;
  if (resources === undefined) return;
  const path = "spec.resources";
  // The default of a request is its limit: what is wrong with it has been said.
  for (const kind of ["limits", "requests"] as const)
    for (const name of Object.keys(resources[kind] ?? {}))
      if (!isPodLevel(name) && (kind === "limits" || resources.limits?.[name] === undefined))
        check.oneOf(`${path}.${kind}[${name}]`, name, ["cpu", "memory"], {
          help: "limit it container by container",
        });
  const known = (list: Record<string, string> = {}) =>
    Object.fromEntries(Object.entries(list).filter(([name]) => isPodLevel(name)));
  checkResources(check, path, { limits: known(resources.limits), requests: known(resources.requests) });
  if (check.hasBroken("spec.containers") || check.hasBroken("spec.initContainers") || check.hasBroken(path))
    return;
  checkRequests(check, spec);
  checkLimits(check, spec);
}

function checkRequests(check: Check, spec: PodSpec): void {
  const { requests = {}, limits = {} } = spec.resources ?? {};
  if (Object.keys(requests).length + Object.keys(limits).length === 0) return;
  for (const [name, amount] of aggregateContainers(spec, "requests")) {
    const own = requests[name] ?? "0";
    if (!isPodLevel(name) || compareQuantities(amount, parseQuantity(own)) <= 0) continue;
    const sum = formatQuantity(amount);
    check.invalid(
      `spec.resources.requests[${name}]`,
      own,
      `must be greater than or equal to aggregate container requests of ${sum}`,
      { help: `the containers ask for ${sum} together: give the pod as much, or them less` },
    );
  }
}

function checkLimits(check: Check, spec: PodSpec): void {
  const limits = spec.resources?.limits ?? {};
  for (const [i, container] of (spec.containers ?? []).entries())
    for (const [name, own] of Object.entries(container.resources?.limits ?? {})) {
      const limit = limits[name];
      if (limit !== undefined && compareQuantities(parseQuantity(own), parseQuantity(limit)) > 0)
        check.invalid(
          `spec.containers[${i}].resources.limits[${name}]`,
          own,
          `must be less than or equal to pod limits of ${limit}`,
        );
    }
}
