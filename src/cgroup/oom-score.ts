import type { Container, PodSpec } from "../manifest/index.ts";
import { qosClass } from "../manifest/qos.ts";
import { isSidecar, podResources, resourcesOf } from "./resources.ts";

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
