import type { PodSummary } from "./pod-summary.ts";

const COST = "controller.kubernetes.io/pod-deletion-cost";

/**
 * The pods in the order in which a ReplicaSet takes them away (ActivePodsWithRanks): first what runs least, then what
 * costs least, is ready for the shortest time, has restarted most, is youngest.
 */
export function byWorth(pods: readonly PodSummary[]): PodSummary[] {
  return [...pods].sort((a, b) => {
    for (const worth of WORTHS) {
      const difference = worth(a) - worth(b);
      if (difference !== 0) return difference;
    }
    return a.name < b.name ? -1 : 1;
  });
}

const WORTHS: ((pod: PodSummary) => number)[] = [
  ({ phase }) => (phase === "Running" ? 1 : 0),
  ({ readySince }) => (readySince === undefined ? 0 : 1),
  ({ annotations }) => Number.parseInt(annotations[COST] ?? "0", 10) || 0,
  ({ readySince }) => -(readySince ?? 0),
  ({ restarts }) => -restarts,
  ({ createdAt }) => -createdAt,
];
