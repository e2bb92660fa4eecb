import type { StoredKind } from "../../pod/index.ts";

/** As kubectl takes them, in any case. */
const WORDS: Record<string, StoredKind> = {
  configmap: "ConfigMap",
  configmaps: "ConfigMap",
  cm: "ConfigMap",
  secret: "Secret",
  secrets: "Secret",
  persistentvolumeclaim: "PersistentVolumeClaim",
  persistentvolumeclaims: "PersistentVolumeClaim",
  pvc: "PersistentVolumeClaim",
  service: "Service",
  services: "Service",
  svc: "Service",
  deployment: "Deployment",
  deployments: "Deployment",
  deploy: "Deployment",
  replicaset: "ReplicaSet",
  replicasets: "ReplicaSet",
  rs: "ReplicaSet",
  statefulset: "StatefulSet",
  statefulsets: "StatefulSet",
  sts: "StatefulSet",
  daemonset: "DaemonSet",
  daemonsets: "DaemonSet",
  ds: "DaemonSet",
  job: "Job",
  jobs: "Job",
  cronjob: "CronJob",
  cronjobs: "CronJob",
  cj: "CronJob",
};

export interface NamedObjects {
  kind: StoredKind;
  names: string[];
}

/** `cm`, `cm a b` and `cm/a cm/b` alike; undefined when the first word is no such kind (then it is a pod). */
export function namedObjects([first = "", ...rest]: readonly string[]): NamedObjects | undefined {
  const [word = "", name] = first.split("/", 2);
  // `deployment.apps`, as get -o name prints it.
  const kind = WORDS[word.toLowerCase().replace(/\.(apps|batch)$/, "")];
  if (!kind) return undefined;
  if (name === undefined) return { kind, names: rest };
  const others = rest.map((one) => one.slice(one.indexOf("/") + 1));
  return { kind, names: [name, ...others] };
}
