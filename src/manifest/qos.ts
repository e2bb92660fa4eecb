import type { PodSpec, ResourceRequirements } from "./gen/types.ts";
import { parseQuantity } from "./quantity.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const COMPUTE = ["cpu", "memory"] as const;

/**
 * The quality-of-service class of a pod whose defaults are applied: Guaranteed if every container (init containers
 * too) has equal cpu and memory requests and limits, BestEffort if none has any, Burstable otherwise. Pod-level
 * resources, where set, decide alone. Source: pkg/apis/core/v1/helper/qos.
 */
export function qosClass(spec: PodSpec): QosClass {
  const podLevel = spec.resources !== undefined && hasCompute(spec.resources);
  const all = podLevel
    ? [spec.resources as ResourceRequirements]
    : [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources ?? {});
  if (!all.some(hasCompute)) return "BestEffort";
  return all.every(isGuaranteed) ? "Guaranteed" : "Burstable";
}

const positive = (list: Record<string, string> | undefined, name: string): bigint | undefined => {
  const text = list?.[name];
  if (text === undefined) return undefined;
  const { nano } = parseQuantity(text);
  return nano > 0n ? nano : undefined;
};

const hasCompute = ({ limits, requests }: ResourceRequirements): boolean =>
  COMPUTE.some((name) => positive(limits, name) !== undefined || positive(requests, name) !== undefined);

const isGuaranteed = ({ limits, requests }: ResourceRequirements): boolean =>
  COMPUTE.every((name) => {
    const limit = positive(limits, name);
    return limit !== undefined && (positive(requests, name) ?? limit) === limit;
  });
