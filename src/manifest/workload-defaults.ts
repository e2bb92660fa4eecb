import { applyTemplateDefaults } from "./defaults.ts";
import type { JobSpec } from "./gen/types.ts";
import type { JobObject, PodTemplate, ServiceObject, WorkloadObject } from "./workload-object.ts";

/**
 * Fills what the API server fills when a workload or a Service is created (pkg/apis/apps/v1/defaults.go and its
 * neighbours). Pure: the argument is left alone.
 */
export function applyWorkloadDefaults<W extends WorkloadObject | ServiceObject>(object: W): W {
  const copy = structuredClone(object);
  fill(copy);
  return copy;
}

function fill(object: WorkloadObject | ServiceObject): void {
  switch (object.kind) {
    case "Deployment": {
      const { spec } = object;
      defaultTemplate(spec.template);
      spec.replicas ??= 1;
      spec.strategy ??= {};
      spec.strategy.type ||= "RollingUpdate";
      if (spec.strategy.type === "RollingUpdate")
        spec.strategy.rollingUpdate = {
          maxUnavailable: "25%",
          maxSurge: "25%",
          ...spec.strategy.rollingUpdate,
        };
      spec.revisionHistoryLimit ??= 10;
      spec.progressDeadlineSeconds ??= 600;
      return;
    }
    case "ReplicaSet":
      defaultTemplate(object.spec.template);
      object.spec.replicas ??= 1;
      return;
    case "StatefulSet": {
      const { spec } = object;
      defaultTemplate(spec.template);
      spec.replicas ??= 1;
      spec.podManagementPolicy ||= "OrderedReady";
      spec.updateStrategy ??= {};
      // Whoever names the type gets no rollingUpdate beside it.
      if (!spec.updateStrategy.type) {
        spec.updateStrategy.type = "RollingUpdate";
        spec.updateStrategy.rollingUpdate ??= {};
      }
      if (spec.updateStrategy.type === "RollingUpdate" && spec.updateStrategy.rollingUpdate) {
        spec.updateStrategy.rollingUpdate.partition ??= 0;
        spec.updateStrategy.rollingUpdate.maxUnavailable ??= 1;
      }
      spec.revisionHistoryLimit ??= 10;
      spec.persistentVolumeClaimRetentionPolicy = {
        whenDeleted: "Retain",
        whenScaled: "Retain",
        ...spec.persistentVolumeClaimRetentionPolicy,
      };
      for (const claim of spec.volumeClaimTemplates ?? []) {
        claim.apiVersion ||= "v1";
        claim.kind ||= "PersistentVolumeClaim";
        if (claim.spec) claim.spec.volumeMode ||= "Filesystem";
      }
      return;
    }
    case "DaemonSet": {
      const { spec } = object;
      defaultTemplate(spec.template);
      spec.updateStrategy ??= {};
      spec.updateStrategy.type ||= "RollingUpdate";
      if (spec.updateStrategy.type === "RollingUpdate")
        spec.updateStrategy.rollingUpdate = {
          maxUnavailable: 1,
          maxSurge: 0,
          ...spec.updateStrategy.rollingUpdate,
        };
      spec.revisionHistoryLimit ??= 10;
      return;
    }
    case "Job":
      defaultLabels(object);
      defaultTemplate(object.spec.template);
      defaultJob(object.spec);
      return;
    case "CronJob":
      object.spec.concurrencyPolicy ||= "Allow";
      object.spec.suspend ??= false;
      object.spec.successfulJobsHistoryLimit ??= 3;
      object.spec.failedJobsHistoryLimit ??= 1;
      // The rest of the job is filled when it is made, as in a cluster.
      defaultTemplate(object.spec.jobTemplate.spec.template);
      defaultConditions(object.spec.jobTemplate.spec);
      return;
    case "Service":
      defaultService(object);
  }
}

/** A Job without labels has those of its pods. */
function defaultLabels({ metadata, spec }: JobObject): void {
  const labels = spec.template.metadata?.labels;
  if (labels && Object.keys(labels).length > 0) metadata.labels ??= { ...labels };
}

function defaultTemplate(template: PodTemplate): void {
  template.spec = applyTemplateDefaults(template.spec);
}

const NO_LIMIT = 2147483647;

function defaultJob(spec: JobSpec): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  spec.parallelism ??= 1;
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : NO_LIMIT;
  spec.completionMode ||= "NonIndexed";
  spec.suspend ??= false;
  spec.podReplacementPolicy ||= spec.podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed";
  defaultConditions(spec);
}

function defaultConditions({ podFailurePolicy }: JobSpec): void {
  for (const rule of podFailurePolicy?.rules ?? [])
    for (const pattern of rule.onPodConditions ?? []) pattern.status ||= "True";
}

/** How long a client stays with the pod it was given: three hours. */
const AFFINITY_SECONDS = 10800;

function defaultService({ spec }: ServiceObject): void {
  spec.type ||= "ClusterIP";
  spec.sessionAffinity ||= "None";
  if (spec.sessionAffinity === "None") delete spec.sessionAffinityConfig;
  else if (
    spec.sessionAffinity === "ClientIP" &&
    spec.sessionAffinityConfig?.clientIP?.timeoutSeconds === undefined
  )
    spec.sessionAffinityConfig = { clientIP: { timeoutSeconds: AFFINITY_SECONDS } };
  for (const port of spec.ports ?? []) {
    port.protocol ||= "TCP";
    port.targetPort ||= port.port;
  }
  const published = spec.type === "NodePort" || spec.type === "LoadBalancer";
  if (published || (spec.type === "ClusterIP" && (spec.externalIPs ?? []).length > 0))
    spec.externalTrafficPolicy ||= "Cluster";
  if (published || spec.type === "ClusterIP") spec.internalTrafficPolicy ??= "Cluster";
  if (spec.type === "LoadBalancer") spec.allocateLoadBalancerNodePorts ??= true;
}
