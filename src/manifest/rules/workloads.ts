import { hostPorts } from "../ports.ts";
import { applyWorkloadDefaults } from "../workload-defaults.ts";
import type {
  DaemonSetObject,
  DeploymentObject,
  ReplicaSetObject,
  StatefulSetObject,
  WorkloadObject,
} from "../workload-object.ts";
import type { Check } from "./check.ts";
import { checkClaim } from "./config.ts";
import { checkCronJob, checkJob } from "./jobs.ts";
import { checkCount, checkLasting, checkSelector, checkShare, checkTemplate, isZero } from "./template.ts";

/** Rules for a workload as it was decoded (pkg/apis/apps/validation, pkg/apis/batch/validation). */
export function checkWorkload(check: Check, object: WorkloadObject): void {
  if (object.spec === undefined) {
    check.required("spec");
    return;
  }
  switch (object.kind) {
    case "Deployment":
      checkDeployment(check, object);
      return;
    case "ReplicaSet":
      checkReplicaSet(check, object);
      return;
    case "StatefulSet":
      checkStatefulSet(check, object);
      return;
    case "DaemonSet":
      checkDaemonSet(check, object);
      return;
    case "Job":
      checkJob(check, object);
      return;
    case "CronJob":
      checkCronJob(check, object);
  }
}

/** Rules look at values the API server has filled in; without a pod in the template there is nothing to fill. */
function filled<W extends WorkloadObject>(object: W & { spec: { template?: { spec?: unknown } } }): W {
  return object.spec.template?.spec === undefined ? object : applyWorkloadDefaults(object);
}

function checkDeployment(check: Check, object: DeploymentObject): void {
  const { spec } = filled(object);
  checkCount(check, "spec.replicas", spec.replicas);
  checkSelector(check, "deployment", spec);
  const pod = checkTemplate(check, "spec.template", object.spec.template);
  checkLasting(check, "ReplicaSet", pod);
  checkStrategy(check, spec);
  checkCount(check, "spec.minReadySeconds", spec.minReadySeconds);
  checkCount(check, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  const deadline = spec.progressDeadlineSeconds;
  checkCount(check, "spec.progressDeadlineSeconds", deadline);
  if (deadline !== undefined && deadline <= (spec.minReadySeconds ?? 0))
    check.invalid("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds");
  warnOfHostPorts(check, object, spec.replicas);
}

function checkStrategy(check: Check, { strategy }: DeploymentObject["spec"]): void {
  const at = "spec.strategy";
  check.oneOf(`${at}.type`, strategy?.type, ["Recreate", "RollingUpdate"]);
  const rolling = strategy?.rollingUpdate;
  if (strategy?.type === "Recreate" && rolling !== undefined)
    check.forbidden(`${at}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'");
  else if (rolling !== undefined) {
    checkShare(check, `${at}.rollingUpdate.maxUnavailable`, rolling.maxUnavailable);
    checkShare(check, `${at}.rollingUpdate.maxSurge`, rolling.maxSurge, { most: Number.POSITIVE_INFINITY });
    if (isZero(rolling.maxUnavailable) && isZero(rolling.maxSurge))
      check.invalid(
        `${at}.rollingUpdate.maxUnavailable`,
        rolling.maxUnavailable,
        "may not be 0 when `maxSurge` is 0",
      );
  }
}

function checkReplicaSet(check: Check, object: ReplicaSetObject): void {
  const { spec } = filled(object);
  checkCount(check, "spec.replicas", spec.replicas);
  checkCount(check, "spec.minReadySeconds", spec.minReadySeconds);
  checkSelector(check, "deployment", spec);
  checkLasting(check, "ReplicaSet", checkTemplate(check, "spec.template", object.spec.template));
  warnOfHostPorts(check, object, spec.replicas);
}

function checkStatefulSet(check: Check, object: StatefulSetObject): void {
  const { spec } = filled(object);
  checkCount(check, "spec.replicas", spec.replicas);
  checkCount(check, "spec.minReadySeconds", spec.minReadySeconds);
  checkCount(check, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  checkCount(check, "spec.ordinals.start", spec.ordinals?.start);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  checkWord(check, "spec.podManagementPolicy", spec.podManagementPolicy, ["OrderedReady", "Parallel"]);
  checkWord(check, "spec.updateStrategy.type", type, ["RollingUpdate", "OnDelete"]);
  if (type === "OnDelete" && rollingUpdate !== undefined)
    check.invalid(
      "spec.updateStrategy.rollingUpdate",
      rollingUpdate,
      "only allowed for updateStrategy 'RollingUpdate'",
    );
  checkCount(check, "spec.updateStrategy.rollingUpdate.partition", rollingUpdate?.partition);
  checkShare(check, "spec.updateStrategy.rollingUpdate.maxUnavailable", rollingUpdate?.maxUnavailable);
  if (rollingUpdate?.maxUnavailable !== undefined && isZero(rollingUpdate.maxUnavailable))
    check.invalid(
      "spec.updateStrategy.rollingUpdate.maxUnavailable",
      rollingUpdate.maxUnavailable,
      "cannot be 0",
    );
  for (const field of ["whenDeleted", "whenScaled"] as const)
    check.oneOf(
      `spec.persistentVolumeClaimRetentionPolicy.${field}`,
      spec.persistentVolumeClaimRetentionPolicy?.[field],
      ["Retain", "Delete"],
    );
  checkSelector(check, "statefulset", spec);
  const claims = spec.volumeClaimTemplates ?? [];
  for (const [i, claim] of claims.entries()) {
    const inner = check.within(`spec.volumeClaimTemplates[${i}].`);
    if (!claim.metadata?.name) inner.required("metadata.name");
    checkClaim(inner, claim);
  }
  const volumes = claims.map(({ metadata }) => ({
    name: metadata?.name ?? "",
    persistentVolumeClaim: { claimName: metadata?.name ?? "" },
  }));
  const pod = checkTemplate(check, "spec.template", object.spec.template, { volumes });
  checkLasting(check, "StatefulSet", pod);
  warnOfHostPorts(check, object, spec.replicas);
}

/** A StatefulSet's words are refused in words of their own. */
function checkWord(
  check: Check,
  path: string,
  word: string | undefined,
  [one, other]: [string, string],
): void {
  if (word !== undefined && word !== one && word !== other)
    check.invalid(path, word, `must be '${one}' or '${other}'`);
}

function checkDaemonSet(check: Check, object: DaemonSetObject): void {
  const { spec } = filled(object);
  checkSelector(check, "daemonset", spec);
  checkLasting(check, "DaemonSet", checkTemplate(check, "spec.template", object.spec.template));
  checkCount(check, "spec.minReadySeconds", spec.minReadySeconds);
  checkCount(check, "spec.revisionHistoryLimit", spec.revisionHistoryLimit);
  const { type, rollingUpdate } = spec.updateStrategy ?? {};
  check.oneOf("spec.updateStrategy.type", type, ["RollingUpdate", "OnDelete"]);
  if (type !== "RollingUpdate" || rollingUpdate === undefined) return;
  const at = "spec.updateStrategy.rollingUpdate";
  checkShare(check, `${at}.maxUnavailable`, rollingUpdate.maxUnavailable);
  checkShare(check, `${at}.maxSurge`, rollingUpdate.maxSurge);
  const [noneGone, noneMore] = [isZero(rollingUpdate.maxUnavailable), isZero(rollingUpdate.maxSurge ?? 0)];
  if (noneGone && noneMore) check.required(`${at}.maxUnavailable`, "cannot be 0 when maxSurge is 0");
  else if (!noneGone && !noneMore)
    check.invalid(`${at}.maxSurge`, rollingUpdate.maxSurge, "may not be set when maxUnavailable is non-zero");
}

/** A cluster would put the pods on several nodes; one machine has each of its ports once. */
function warnOfHostPorts(
  check: Check,
  { spec: { template } }: DeploymentObject | ReplicaSetObject | StatefulSetObject,
  replicas: number | undefined,
): void {
  if (template?.spec?.containers === undefined || (replicas ?? 1) < 2) return;
  const [port] = hostPorts(template.spec);
  if (port === undefined) return;
  check.warning(
    "TS3013",
    "spec.replicas",
    `only one of ${replicas} pods can have hostPort ${port.hostPort} of this machine; the others will wait for it`,
    { help: "leave hostPort away, or write replicas: 1" },
  );
}
