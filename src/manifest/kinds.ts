import { nearest } from "./decode/nearest.ts";

/** What happens to an object of a kind. */
export type KindState = "read" | "noted" | "rejected";

interface Kind {
  state: KindState;
  versions: string[];
  /** For `noted`: why it does nothing; for `rejected`: why it cannot work. */
  reason?: string;
}

const kind = (state: KindState, version: string, reason?: string): Kind => ({
  state,
  versions: [version],
  ...(reason === undefined ? {} : { reason }),
});

const endpoints = "a Service's addresses follow from its selector; give it one";
const rbac = "rbac.authorization.k8s.io/v1";
const admission = "there is no API server that would enforce it";

/** Kinds of the Kubernetes API that occur in manifests. */
export const KINDS: Readonly<Record<string, Kind>> = {
  Pod: kind("read", "v1"),
  ConfigMap: kind("read", "v1"),
  Secret: kind("read", "v1"),
  PersistentVolumeClaim: kind("read", "v1"),
  List: kind("read", "v1"),
  Namespace: kind("noted", "v1", "namespaces exist as soon as something is in them"),
  ServiceAccount: kind("noted", "v1", "there is no API server that issues tokens"),
  Deployment: kind("read", "apps/v1"),
  ReplicaSet: kind("read", "apps/v1"),
  StatefulSet: kind("read", "apps/v1"),
  DaemonSet: kind("read", "apps/v1"),
  ReplicationController: kind("rejected", "v1", "a ReplicaSet or Deployment does the same"),
  Job: kind("read", "batch/v1"),
  CronJob: kind("read", "batch/v1"),
  Service: kind("read", "v1"),
  Endpoints: kind("rejected", "v1", endpoints),
  EndpointSlice: kind("rejected", "discovery.k8s.io/v1", endpoints),
  Ingress: kind(
    "rejected",
    "networking.k8s.io/v1",
    "there is no ingress controller; publish the port with hostPort",
  ),
  IngressClass: kind("rejected", "networking.k8s.io/v1", "there is no ingress controller"),
  NetworkPolicy: kind("rejected", "networking.k8s.io/v1", "traffic between pods is not filtered here"),
  PersistentVolume: kind(
    "rejected",
    "v1",
    "a claim gets a folder of this machine; no volume has to be declared",
  ),
  StorageClass: kind("rejected", "storage.k8s.io/v1", "there is one kind of storage, this machine's disk"),
  HorizontalPodAutoscaler: kind(
    "rejected",
    "autoscaling/v2",
    "one machine has no more to give; set replicas",
  ),
  PodDisruptionBudget: kind(
    "rejected",
    "policy/v1",
    "nothing here drains a node; maxUnavailable limits updates",
  ),
  PriorityClass: kind("rejected", "scheduling.k8s.io/v1", "there is no scheduler"),
  RuntimeClass: kind("rejected", "node.k8s.io/v1", "there is one runtime, tspod itself"),
  LimitRange: kind("rejected", "v1", admission),
  ResourceQuota: kind("rejected", "v1", admission),
  Node: kind("rejected", "v1", "there is one node, this machine"),
  Event: kind("rejected", "v1", "events are written by tspod"),
  Role: kind("rejected", rbac, admission),
  RoleBinding: kind("rejected", rbac, admission),
  ClusterRole: kind("rejected", rbac, admission),
  ClusterRoleBinding: kind("rejected", rbac, admission),
  CustomResourceDefinition: kind("rejected", "apiextensions.k8s.io/v1", "there is no API server to extend"),
  ValidatingWebhookConfiguration: kind("rejected", "admissionregistration.k8s.io/v1", admission),
  MutatingWebhookConfiguration: kind("rejected", "admissionregistration.k8s.io/v1", admission),
  APIService: kind("rejected", "apiregistration.k8s.io/v1", "there is no API server to extend"),
};

/** The list kinds of the API (`PodList`); `List` itself is a kind of its own. */
export const itemKindOf = (kind: string): string | undefined => {
  const item = /^(.+)List$/.exec(kind)?.[1];
  return item !== undefined && KINDS[item] !== undefined ? item : undefined;
};

export const nearestKind = (kind: string): string | undefined => nearest(kind, Object.keys(KINDS));

/** Every kind that is read, `List` left out. */
export const readKinds = (): string[] =>
  Object.keys(KINDS).filter((name) => KINDS[name]?.state === "read" && name !== "List");
