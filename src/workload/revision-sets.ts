import type { DeploymentObject, PodTemplate, ReplicaSetObject } from "../manifest/index.ts";
import type { Clock } from "./clock.ts";
import { ownedBy } from "./owner.ts";
import { isActive, isAvailable, isFinished, isReady, type PodSummary } from "./pod-summary.ts";
import { canonical, templateHash } from "./template-hash.ts";

export const HASH_LABEL = "pod-template-hash";
export const REVISION = "deployment.kubernetes.io/revision";
export const DESIRED = "deployment.kubernetes.io/desired-replicas";
export const MAX = "deployment.kubernetes.io/max-replicas";
export const REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
export const CHANGE_CAUSE = "kubernetes.io/change-cause";

/** Annotations that a Deployment and its sets have each for themselves; all others they share. */
const OWN: readonly string[] = [
  REVISION,
  REVISION_HISTORY,
  DESIRED,
  MAX,
  "deprecated.deployment.rollback.to",
  "kubectl.kubernetes.io/last-applied-configuration",
];

type Annotations = Record<string, string>;
const only = (annotations: Annotations | undefined, wanted: (key: string) => boolean): Annotations =>
  Object.fromEntries(Object.entries(annotations ?? {}).filter(([key]) => wanted(key)));

/** What a Deployment's annotations give its current set, and a set's its Deployment when it is rolled back to. */
export const sharedAnnotations = (annotations: Annotations | undefined): Annotations =>
  only(annotations, (key) => !OWN.includes(key));
export const ownAnnotations = (annotations: Annotations | undefined): Annotations =>
  only(annotations, (key) => OWN.includes(key));

/** A ReplicaSet of a Deployment with what its pods do; `wanted` changes as the controller decides. */
export interface CountedSet {
  set: ReplicaSetObject;
  wanted: number;
  active: number;
  ready: number;
  available: number;
  /** Pods that have not ended yet, those on their way out among them. */
  alive: number;
}

export function countSet(
  set: ReplicaSetObject,
  pods: readonly PodSummary[],
  minReadySeconds: number,
  clock: Clock,
): CountedSet {
  const own = pods.filter(({ owner }) => owner === set.metadata.uid);
  const active = own.filter(isActive);
  return {
    set,
    wanted: set.spec.replicas ?? 1,
    // One that is being made may come to nothing.
    active: active.filter(({ uid }) => uid !== "").length,
    ready: active.filter(isReady).length,
    available: active.filter((pod) => isAvailable(pod, minReadySeconds, clock)).length,
    alive: own.filter((pod) => !isFinished(pod)).length,
  };
}

export const revisionOf = ({ metadata }: { metadata: { annotations?: Record<string, string> } }): number =>
  Number(metadata.annotations?.[REVISION] ?? 0);

/** The set made from the template as it is now. */
export function currentSet(
  deployment: DeploymentObject,
  sets: readonly ReplicaSetObject[],
): ReplicaSetObject | undefined {
  const wanted = canonical(deployment.spec.template);
  return sets.find(({ spec }) => canonical(withoutHash(spec.template)) === wanted);
}

/** The template as the Deployment had it. */
export function withoutHash(template: PodTemplate): PodTemplate {
  const { [HASH_LABEL]: _, ...labels } = template.metadata?.labels ?? {};
  return { ...template, metadata: { ...template.metadata, labels } };
}

/** A set for the template as it is now, still without pods. Its name follows from the template. */
export function newSet(deployment: DeploymentObject, revision: number): ReplicaSetObject {
  const { metadata, spec } = deployment;
  const hash = templateHash(spec.template, deployment.status?.collisionCount ?? 0);
  const labels = { ...spec.template.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: {
      name: `${metadata.name}-${hash}`,
      namespace: metadata.namespace,
      labels,
      annotations: { ...sharedAnnotations(metadata.annotations), [REVISION]: String(revision) },
      ownerReferences: [ownedBy(deployment)],
    },
    spec: {
      replicas: 0,
      ...(spec.minReadySeconds === undefined ? {} : { minReadySeconds: spec.minReadySeconds }),
      selector: {
        ...spec.selector,
        matchLabels: { ...spec.selector.matchLabels, [HASH_LABEL]: hash },
      },
      template: { ...spec.template, metadata: { ...spec.template.metadata, labels } },
    },
  };
}
