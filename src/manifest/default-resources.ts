import type { Container, PodSpec } from "./gen/types.ts";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
} from "./quantity.ts";

type Kind = "requests" | "limits";
type Amounts = Map<string, Quantity>;

const canOvercommit = (name: string) => name === "cpu" || name === "memory";
const isHugePages = (name: string) => name.startsWith("hugepages-");

/**
 * Fills the pod-level resources that follow from each other and from the containers' (defaultPodRequests and its
 * siblings).
 */
export function defaultPodResources(spec: PodSpec): void {
  const resources = spec.resources ?? {};
  const given = { limits: resources.limits ?? {}, requests: resources.requests ?? {} };
  const hadLimits = Object.keys(given.limits).length > 0;
  const hadRequests = Object.keys(given.requests).length > 0;
  if (!hadLimits && !hadRequests) return;
  const limits: Record<string, string> = { ...given.limits };
  const requests: Record<string, string> = { ...given.requests };

  const containerLimits = aggregateContainers(spec, "limits");
  for (const [name, amount] of containerLimits)
    if (isHugePages(name) && requests[name] === undefined) limits[name] ??= formatQuantity(amount);
  if (Object.keys(limits).length > 0) {
    for (const [name, amount] of aggregateContainers(spec, "requests"))
      if (canOvercommit(name)) requests[name] ??= formatQuantity(amount);
    for (const [name, text] of Object.entries(limits)) requests[name] ??= text;
  } else {
    const all = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
    for (const [name, amount] of containerLimits)
      if (canOvercommit(name) && all.every(({ resources: own }) => own?.limits?.[name] !== undefined))
        limits[name] = formatQuantity(amount);
  }
  if (Object.keys(requests).length > 0) resources.requests = requests;
  if (Object.keys(limits).length > 0) resources.limits = limits;
}

/**
 * What the containers need together: the sum of containers and sidecars, or, if that is more, what an init
 * container needs beside the sidecars started before it.
 */
export function aggregateContainers(spec: PodSpec, kind: Kind): Amounts {
  const total: Amounts = new Map();
  for (const container of spec.containers ?? []) add(total, amountsOf(container, kind));
  const sidecars: Amounts = new Map();
  const peak: Amounts = new Map();
  for (const container of spec.initContainers ?? []) {
    const own = amountsOf(container, kind);
    if (container.restartPolicy === "Always") {
      add(sidecars, own);
      add(total, own);
      raise(peak, sidecars);
    } else {
      const beside = new Map(sidecars);
      add(beside, own);
      raise(peak, beside);
    }
  }
  raise(total, peak);
  return total;
}

const amountsOf = ({ resources }: Container, kind: Kind): Amounts =>
  new Map(Object.entries(resources?.[kind] ?? {}).map(([name, text]) => [name, parseQuantity(text)]));

function add(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const before = to.get(name);
    to.set(name, before === undefined ? amount : addQuantities(before, amount));
  }
}

function raise(to: Amounts, amounts: Amounts): void {
  for (const [name, amount] of amounts) {
    const before = to.get(name);
    if (before === undefined || compareQuantities(amount, before) > 0) to.set(name, amount);
  }
}
