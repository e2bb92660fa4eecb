import { type Proof, workload } from "./proof.ts";

/** Kinds that make pods. */
export const WORKLOADS: readonly Proof[] = [
  [
    "unit/manifest/helpers.test.ts",
    "is read from the API's form too",
    "LabelSelector matchExpressions",
    "LabelSelectorRequirement *",
  ],
  [
    "unit/manifest/workloads.test.ts",
    "a workload that says no more than it must",
    "Deployment apiVersion kind metadata spec",
    "ReplicaSet apiVersion kind metadata spec",
    "StatefulSet apiVersion kind metadata spec",
    "DaemonSet apiVersion kind metadata spec",
    "Job apiVersion kind metadata spec",
    "CronJob apiVersion kind metadata spec",
  ],
  [
    "unit/manifest/workloads.test.ts",
    "is said of a Service, once, and the Service is read",
    "Service apiVersion kind metadata",
  ],
  ...workload(
    "deployment",
    [
      "makes a ReplicaSet whose name follows from the template",
      "DeploymentSpec selector template replicas",
      "PodTemplateSpec metadata spec",
    ],
    [
      "with Recreate makes nothing new before the last of the old has ended",
      "DeploymentSpec strategy",
      "DeploymentStrategy type",
    ],
    [
      "never goes beyond maxSurge or below maxUnavailable",
      "DeploymentStrategy rollingUpdate",
      "RollingUpdateDeployment maxSurge maxUnavailable",
    ],
    ["holds changes of the template while it is paused", "DeploymentSpec paused"],
    ["keeps as many old ReplicaSets as revisionHistoryLimit says", "DeploymentSpec revisionHistoryLimit"],
  ),
  ...workload("deployment-conditions", [
    "gives up the progress that does not come",
    "DeploymentSpec progressDeadlineSeconds",
  ]),
  ...workload(
    "replica-set",
    [
      "makes the pods that are missing, owned and labelled",
      "ReplicaSetSpec replicas selector template",
      "LabelSelector matchLabels",
    ],
    [
      "counts a pod as available when it has been ready for minReadySeconds",
      "ReplicaSetSpec minReadySeconds",
      "DeploymentSpec minReadySeconds",
    ],
  ),
  ...workload(
    "daemon-set",
    ["has one pod, because there is one machine", "DaemonSetSpec selector template"],
    [
      "leaves the old pod alone with OnDelete",
      "DaemonSetSpec updateStrategy",
      "DaemonSetUpdateStrategy type",
    ],
    ["ends the old pod before it makes the new one", "RollingUpdateDaemonSet maxUnavailable"],
    [
      "keeps the old pod until the new one serves, with maxSurge",
      "DaemonSetUpdateStrategy rollingUpdate",
      "RollingUpdateDaemonSet maxSurge",
    ],
  ),
  ...workload(
    "stateful-set",
    [
      "gives its pods numbers, names, a domain, and labels that say so",
      "StatefulSetSpec ordinals",
      "StatefulSetOrdinals start",
      "StatefulSetSpec selector template serviceName",
    ],
    ["makes one after the other, each when the one before is ready", "StatefulSetSpec replicas"],
    ["waits for minReadySeconds as well", "StatefulSetSpec minReadySeconds"],
    ["makes and ends all at once with Parallel", "StatefulSetSpec podManagementPolicy"],
    ["gives each pod its claims", "StatefulSetSpec volumeClaimTemplates"],
    [
      "lets go of the claims of what was scaled away",
      "StatefulSetSpec persistentVolumeClaimRetentionPolicy",
      "StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted whenScaled",
    ],
    [
      "stops at the partition",
      "StatefulSetUpdateStrategy rollingUpdate",
      "RollingUpdateStatefulSetStrategy partition",
    ],
    ["takes several at once with maxUnavailable", "RollingUpdateStatefulSetStrategy maxUnavailable"],
    [
      "waits for the person with OnDelete",
      "StatefulSetSpec updateStrategy",
      "StatefulSetUpdateStrategy type",
    ],
    ["keeps what rollout history needs", "StatefulSetSpec revisionHistoryLimit"],
  ),
  ...workload(
    "job",
    ["runs as many pods at once as parallelism says", "JobSpec parallelism completions template"],
    ["fails when more pods have failed than backoffLimit allows", "JobSpec backoffLimit"],
    ["ends its pods at the deadline", "JobSpec activeDeadlineSeconds"],
    ["ends its pods while it is suspended", "JobSpec suspend"],
    ["goes when its time to live after its end is over", "JobSpec ttlSecondsAfterFinished"],
    [
      "replaces a pod on its way out at once, or with podReplacementPolicy Failed",
      "JobSpec podReplacementPolicy",
    ],
  ),
  ...workload(
    "job-indexed",
    ["gives each pod its index", "JobSpec completionMode"],
    ["gives up an index after backoffLimitPerIndex failures", "JobSpec backoffLimitPerIndex"],
    ["fails at once when more indexes have failed than maxFailedIndexes", "JobSpec maxFailedIndexes"],
    [
      "is complete when a rule of successPolicy is met",
      "JobSpec successPolicy",
      "SuccessPolicy rules",
      "SuccessPolicyRule succeededCount succeededIndexes",
    ],
    [
      "fails the Job at the first pod with a code that says there is no hope",
      "JobSpec podFailurePolicy",
      "PodFailurePolicy rules",
      "PodFailurePolicyRule action onExitCodes",
      "PodFailurePolicyOnExitCodesRequirement operator values",
    ],
    [
      "sees conditions of the pod",
      "PodFailurePolicyRule onPodConditions",
      "PodFailurePolicyOnPodConditionsPattern type",
    ],
  ),
  ...workload(
    "cron-job",
    ["are those of the time zone, summer time and all", "CronJobSpec timeZone"],
    ["makes nothing before its time", "CronJobSpec schedule"],
    [
      "makes a Job whose name and annotation follow from the time",
      "CronJobSpec jobTemplate",
      "JobTemplateSpec metadata spec",
    ],
    ["does not start after startingDeadlineSeconds", "CronJobSpec startingDeadlineSeconds"],
    ["beside a Job that runs", "CronJobSpec concurrencyPolicy"],
    ["does nothing while it is suspended", "CronJobSpec suspend"],
    [
      "keeps three complete and one failed Job, or as many as it is told",
      "CronJobSpec successfulJobsHistoryLimit failedJobsHistoryLimit",
    ],
  ),
  ...workload(
    "seldom-fields",
    ["has its pod available when it has been ready for minReadySeconds", "DaemonSetSpec minReadySeconds"],
    [
      "remembers as many templates that no pod has as revisionHistoryLimit says",
      "DaemonSetSpec revisionHistoryLimit",
    ],
    [
      "finds its pods by its uid, or by its own selector with manualSelector",
      "JobSpec selector manualSelector",
    ],
    [
      "looks at the exit code of the container that a podFailurePolicy names",
      "PodFailurePolicyOnExitCodesRequirement containerName",
    ],
  ),
];
