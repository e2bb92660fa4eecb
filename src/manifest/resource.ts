/** API groups of the kinds that are not of the core group. */
const GROUPS: Readonly<Record<string, string>> = {
  Deployment: "apps",
  ReplicaSet: "apps",
  StatefulSet: "apps",
  DaemonSet: "apps",
  Job: "batch",
  CronJob: "batch",
};

const withGroup = (word: string, kind: string): string =>
  GROUPS[kind] === undefined ? word : `${word}.${GROUPS[kind]}`;

/** As kubectl writes a kind before a name: `configmap`, `deployment.apps`. */
export const singular = (kind: string): string => withGroup(kind.toLowerCase(), kind);

/** As the API server writes it in errors: `configmaps`, `deployments.apps`. */
export const plural = (kind: string): string => withGroup(`${kind.toLowerCase()}s`, kind);
