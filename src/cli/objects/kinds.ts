import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
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

/**
 * `cm`, `cm a b` and `cm/a cm/b` alike; undefined when the first word is no such kind (then it is a pod).
 *
 * @throws TspodError TS3405 for `cm/a deploy/b`: what takes several kinds looks for them before
 */
export function namedObjects([first = "", ...rest]: readonly string[]): NamedObjects | undefined {
  const [word = "", name] = first.split("/", 2);
  const kind = kindOf(word);
  if (!kind) return undefined;
  if (name === undefined) return { kind, names: rest };
  const others = rest.map((one) => {
    const at = one.indexOf("/");
    if (at >= 0 && kindOf(one.slice(0, at)) !== kind) throw otherKind(first, one);
    return one.slice(at + 1);
  });
  return { kind, names: [name, ...others] };
}

/** `deployment.apps`, as get -o name prints it, is a deployment too. */
function kindOf(word: string): StoredKind | undefined {
  return WORDS[word.toLowerCase().replace(/\.(apps|batch)$/, "")];
}

function otherKind(first: string, other: string): TspodError {
  return new TspodError({
    code: "TS3405",
    message: `${first} and ${other} are of different kinds`,
    hint: "one kind at a time",
    exitCode: ExitCode.invalid,
  });
}
