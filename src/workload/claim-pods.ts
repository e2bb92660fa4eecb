import { fromLabelSelector, type LabelSelector, matchesSelector } from "../manifest/index.ts";
import { isActive, type PodSummary } from "./pod-summary.ts";

export interface Claim {
  /** The pods that are the object's from now on. */
  mine: PodSummary[];
  /** Those of them that were nobody's. */
  adopt: PodSummary[];
  /** Those that were the object's and are not any more. */
  release: PodSummary[];
}

/**
 * Which pods belong to an object: its own that its selector still finds, and those it finds that nobody owns. A pod whose
 * label is changed so leaves its ReplicaSet, which makes another: how a sick one is taken aside.
 */
export function claimPods(
  { uid, namespace }: { uid?: string; namespace: string },
  labels: LabelSelector,
  pods: readonly PodSummary[],
  /** Of those that nobody owns, which it could have made. */
  isMember: (pod: PodSummary) => boolean = isActive,
): Claim {
  const selector = fromLabelSelector(labels);
  const found = (pod: PodSummary) => matchesSelector(selector, pod.labels);
  const own = pods.filter(({ owner }) => owner === uid);
  const stray = pods.filter(
    (pod) =>
      pod.owner === undefined &&
      pod.namespace === namespace &&
      !pod.terminating &&
      found(pod) &&
      isMember(pod),
  );
  return {
    mine: [...own.filter(found), ...stray],
    adopt: stray,
    release: own.filter((pod) => !found(pod) && !pod.terminating && pod.uid !== ""),
  };
}
