import type { Container, PodSpec, ResourceRequirements } from "../manifest/index.ts";
import { quantityInUnits } from "../manifest/quantity.ts";
import type { Wanted } from "./limits.ts";

/** Amounts by resource name: cpu in thousandths of a CPU, all else in bytes (or plain counts). */
export type Amounts = Record<string, number>;

/** What one container, or a pod, asks for and may use at most. Absent means none. */
export interface Resources {
  requests: Amounts;
  limits: Amounts;
}

function amounts(list: Record<string, string | number> | undefined): Amounts {
  const result: Amounts = {};
  for (const [name, value] of Object.entries(list ?? {})) {
    result[name] = Number(quantityInUnits(String(value), name === "cpu" ? "milli" : "one"));
  }
  return result;
}

/** Requests and limits as numbers; a request left out is its limit (as the API server fills it in). */
export function resourcesOf(requirements: ResourceRequirements | undefined): Resources {
  const limits = amounts(requirements?.limits);
  return { requests: { ...limits, ...amounts(requirements?.requests) }, limits };
}

function add(a: Amounts, b: Amounts): Amounts {
  const sum = { ...a };
  for (const [name, value] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

function greatest(a: Amounts, b: Amounts): Amounts {
  const most = { ...a };
  for (const [name, value] of Object.entries(b)) most[name] = Math.max(most[name] ?? 0, value);
  return most;
}

/** An init container that keeps running beside the containers (KEP-753). */
export function isSidecar(container: Container): boolean {
  return container.restartPolicy === "Always";
}

/**
 * What the containers need at their most: those that run together added up, sidecars among them, or one init
 * container with the sidecars started before it, whichever is more (KEP-753).
 */
function aggregate(spec: PodSpec, amountsOf: (container: Container) => Amounts): Amounts {
  let running: Amounts = {};
  for (const container of spec.containers) running = add(running, amountsOf(container));
  let sidecars: Amounts = {};
  let starting: Amounts = {};
  for (const container of spec.initContainers ?? []) {
    if (isSidecar(container)) {
      running = add(running, amountsOf(container));
      sidecars = add(sidecars, amountsOf(container));
      starting = greatest(starting, sidecars);
    } else {
      starting = greatest(starting, add(sidecars, amountsOf(container)));
    }
  }
  return greatest(running, starting);
}

/** Resources that `spec.resources` may hold (KEP-2837). */
function podLevel(all: Amounts): Amounts {
  const kept = Object.entries(all).filter(
    ([name]) => name === "cpu" || name === "memory" || name.startsWith("hugepages-"),
  );
  return Object.fromEntries(kept);
}

/**
 * The pod's whole requests and limits: its own where it has them, else what its containers add up to; plus
 * `overhead`.
 */
export function podResources(spec: PodSpec): Resources {
  const own = spec.resources;
  let requests = aggregate(spec, (container) => resourcesOf(container.resources).requests);
  let limits = aggregate(spec, (container) => resourcesOf(container.resources).limits);
  if (own !== undefined) {
    const ownLimits = podLevel(amounts(own.limits));
    // A pod-level request left out is what the containers ask for, and only without that the pod's limit.
    requests = { ...ownLimits, ...requests, ...podLevel(amounts(own.requests)) };
    limits = { ...limits, ...ownLimits };
  }
  const overhead = amounts(spec.overhead as Record<string, string> | undefined);
  return { requests: add(requests, overhead), limits: addKnown(limits, overhead) };
}

/** Overhead raises limits that exist; it does not make new ones. */
function addKnown(limits: Amounts, overhead: Amounts): Amounts {
  const result = { ...limits };
  for (const name of Object.keys(limits)) result[name] = (limits[name] ?? 0) + (overhead[name] ?? 0);
  return result;
}

/**
 * The limit of the pod as a whole: where it has one itself, or every container has, for else some container may use all
 * there is.
 */
export function podLimit(spec: PodSpec, resource: "cpu" | "memory"): Wanted | undefined {
  const value = podResources(spec).limits[resource] ?? 0;
  const own = resourcesOf(spec.resources).limits[resource] ?? 0;
  const all = [...spec.containers, ...(spec.initContainers ?? [])];
  const declared = own > 0 || all.every((each) => (resourcesOf(each.resources).limits[resource] ?? 0) > 0);
  if (!declared || value === 0) return undefined;
  const from = own > 0 ? "spec.resources" : "sum of spec.containers[*].resources";
  return { value, because: `${from}.limits.${resource}` };
}
