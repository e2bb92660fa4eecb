import type { Container, PodSpec } from "../manifest/index.ts";
import { isSidecar, podResources, resourcesOf } from "./resources.ts";

export type QosClass = "Guaranteed" | "Burstable" | "BestEffort";

const counted = ["cpu", "memory"] as const;

/** The pod's quality-of-service class, from its own resources where it has them, else from its containers'. */
export function qosClass(spec: PodSpec): QosClass {
  const parts =
    spec.resources === undefined
      ? [...spec.containers, ...(spec.initContainers ?? [])].map((container) =>
          resourcesOf(container.resources),
        )
      : [podResources(spec)];
  const asks = parts.some(({ requests, limits }) =>
    counted.some((name) => (requests[name] ?? 0) > 0 || (limits[name] ?? 0) > 0),
  );
  if (!asks) return "BestEffort";
  const guaranteed = parts.every(({ requests, limits }) =>
    counted.every((name) => (limits[name] ?? 0) > 0 && requests[name] === limits[name]),
  );
  return guaranteed ? "Guaranteed" : "Burstable";
}

const guaranteedScore = -997;
const bestEffortScore = 1000;

/**
 * The kubelet's oom_score_adj: the last to be killed are guaranteed pods (and node-critical ones), the first
 * best-effort ones; between them, the less of the host's memory a container asked for, the sooner.
 */
export function oomScoreAdj(spec: PodSpec, container: Container, memoryBytes: number): number {
  if ((spec.priority ?? 0) >= 2_000_000_000) return guaranteedScore;
  const qos = qosClass(spec);
  if (qos === "Guaranteed") return guaranteedScore;
  if (qos === "BestEffort") return bestEffortScore;
  const spare = spareMemory(spec);
  const scoreOf = (request: number) => 1000 - Math.floor((1000 * (request + spare)) / memoryBytes);
  let score = scoreOf(memoryRequest(container));
  if ((spec.initContainers ?? []).some((each) => each.name === container.name && isSidecar(each))) {
    // A sidecar is never to be killed before the containers it serves.
    score = Math.min(score, scoreOf(Math.min(...spec.containers.map(memoryRequest))));
  }
  return Math.min(bestEffortScore - 1, Math.max(1000 + guaranteedScore, score));
}

function memoryRequest(container: Container): number {
  return resourcesOf(container.resources).requests.memory ?? 0;
}

/** Each container's equal part of what the pod asked for beyond its containers (KEP-2837). */
function spareMemory(spec: PodSpec): number {
  if (spec.resources === undefined) return 0;
  const together = [...spec.containers, ...(spec.initContainers ?? []).filter(isSidecar)];
  const asked = together.reduce((sum, container) => sum + memoryRequest(container), 0);
  const spare = Math.max(0, (podResources(spec).requests.memory ?? 0) - asked);
  return Math.floor(spare / together.length);
}
