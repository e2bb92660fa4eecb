import type { PodTemplateSpec, WorkloadObject } from "../../manifest/index.ts";
import type { StoredEvent } from "../../workload/index.ts";
import { age, humanDuration } from "./age.ts";
import { containerFields } from "./describe-container.ts";
import { placementFields } from "./describe-placement.ts";
import { volumeField } from "./describe-volume.ts";
import { type Field, keyValues, layout } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { selectorText } from "./object-row.ts";

/** What `kubectl describe` shows of a workload. */
export function describeWorkload(object: WorkloadObject, events: readonly StoredEvent[], now: Date): string {
  const template = object.kind === "CronJob" ? object.spec.jobTemplate.spec.template : object.spec.template;
  return [
    layout([...head(object), ...ownFields(object, now)]),
    layout([["Pod Template", templateFields(template)]]),
    claims(object),
    conditions(object),
    eventTable(events, now),
  ].join("");
}

function head({ metadata }: WorkloadObject): Field[] {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return [
    ["Name", metadata.name],
    ["Namespace", metadata.namespace],
    ["UID", metadata.uid ?? ""],
    ["CreationTimestamp", longTime(metadata.creationTimestamp)],
    ["Labels", keyValues(metadata.labels, "=")],
    ["Annotations", keyValues(metadata.annotations, ": ")],
    ...(owner ? [["Controlled By", `${owner.kind}/${owner.name}`] satisfies Field] : []),
  ];
}

function ownFields(object: WorkloadObject, now: Date): Field[] {
  switch (object.kind) {
    case "Deployment": {
      const { spec, status = {} } = object;
      const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status;
      const { maxUnavailable, maxSurge } = spec.strategy?.rollingUpdate ?? {};
      const wanted = `${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total`;
      return [
        ["Selector", selectorText(spec.selector)],
        ["Replicas", `${wanted} | ${availableReplicas} available | ${unavailableReplicas} unavailable`],
        ["StrategyType", spec.strategy?.type ?? "RollingUpdate"],
        ["MinReadySeconds", String(spec.minReadySeconds ?? 0)],
        ...(spec.strategy?.rollingUpdate
          ? [
              [
                "RollingUpdateStrategy",
                `${maxUnavailable} max unavailable, ${maxSurge} max surge`,
              ] satisfies Field,
            ]
          : []),
        ...(spec.paused ? [["Paused", "true"] satisfies Field] : []),
      ];
    }
    case "ReplicaSet":
      return [
        ["Selector", selectorText(object.spec.selector)],
        ["Replicas", `${object.status?.replicas ?? 0} current / ${object.spec.replicas ?? 1} desired`],
      ];
    case "StatefulSet": {
      const { spec, status } = object;
      const { type, rollingUpdate } = spec.updateStrategy ?? {};
      return [
        ["Selector", selectorText(spec.selector)],
        ["Replicas", `${spec.replicas ?? 1} desired | ${status?.replicas ?? 0} total`],
        ["Update Strategy", type ?? "RollingUpdate"],
        ...(rollingUpdate?.partition ? [["Partition", String(rollingUpdate.partition)] satisfies Field] : []),
        ["Pod Management Policy", spec.podManagementPolicy ?? "OrderedReady"],
      ];
    }
    case "DaemonSet": {
      const { spec, status } = object;
      return [
        ["Selector", selectorText(spec.selector)],
        ["Desired Number of Nodes Scheduled", String(status?.desiredNumberScheduled ?? 0)],
        ["Current Number of Nodes Scheduled", String(status?.currentNumberScheduled ?? 0)],
        ["Number of Nodes Scheduled with Up-to-date Pods", String(status?.updatedNumberScheduled ?? 0)],
        ["Number of Nodes Scheduled with Available Pods", String(status?.numberAvailable ?? 0)],
      ];
    }
    case "Job":
      return jobFields(object, now);
    case "CronJob": {
      const { spec, status } = object;
      return [
        ["Schedule", spec.schedule],
        ["Time Zone", spec.timeZone ?? "<unset>"],
        ["Concurrency Policy", spec.concurrencyPolicy ?? "Allow"],
        ["Suspend", spec.suspend ? "True" : "False"],
        ["Successful Job History Limit", String(spec.successfulJobsHistoryLimit ?? 3)],
        ["Failed Job History Limit", String(spec.failedJobsHistoryLimit ?? 1)],
        ["Starting Deadline Seconds", seconds(spec.startingDeadlineSeconds)],
        ["Last Schedule Time", status?.lastScheduleTime ? longTime(status.lastScheduleTime) : "<unset>"],
        ["Active Jobs", (status?.active ?? []).map(({ name }) => name).join(", ") || "<none>"],
      ];
    }
  }
}

const seconds = (value: number | undefined): string => (value === undefined ? "<unset>" : `${value}s`);

function jobFields({ spec, status }: Extract<WorkloadObject, { kind: "Job" }>, now: Date): Field[] {
  const { startTime, completionTime } = status ?? {};
  const ended = completionTime === undefined ? now.getTime() : Date.parse(completionTime);
  const counts = `${status?.active ?? 0} Active (${status?.ready ?? 0} Ready)`;
  return [
    ["Selector", selectorText(spec.selector)],
    ["Parallelism", String(spec.parallelism ?? 1)],
    ["Completions", spec.completions === undefined ? "<unset>" : String(spec.completions)],
    ["Completion Mode", spec.completionMode ?? "NonIndexed"],
    ["Suspend", String(spec.suspend ?? false)],
    ["Backoff Limit", String(spec.backoffLimit ?? 6)],
    ...(startTime ? [["Start Time", longTime(startTime)] satisfies Field] : []),
    ...(completionTime ? [["Completed At", longTime(completionTime)] satisfies Field] : []),
    ...(startTime ? [["Duration", humanDuration(ended - Date.parse(startTime))] satisfies Field] : []),
    ...(spec.activeDeadlineSeconds === undefined
      ? []
      : [["Active Deadline Seconds", seconds(spec.activeDeadlineSeconds)] satisfies Field]),
    ["Pods Statuses", `${counts} / ${status?.succeeded ?? 0} Succeeded / ${status?.failed ?? 0} Failed`],
    ...(status?.completedIndexes === undefined
      ? []
      : [["Completed Indexes", status.completedIndexes || "<none>"] satisfies Field]),
  ];
}

function templateFields({ metadata, spec }: PodTemplateSpec): Field[] {
  const containers = (list: NonNullable<typeof spec>["containers"] | undefined): Field[] =>
    (list ?? []).map((one): Field => [one.name, containerFields(one, undefined), 1]);
  const volumes = (spec?.volumes ?? []).map((volume) => volumeField(volume, 1));
  return [
    ["Labels", keyValues(metadata?.labels, "=")],
    ...(metadata?.annotations
      ? [["Annotations", keyValues(metadata.annotations, ": ")] satisfies Field]
      : []),
    ...(spec?.serviceAccountName ? [["Service Account", spec.serviceAccountName] satisfies Field] : []),
    ...(spec?.initContainers
      ? [["Init Containers", containers(spec.initContainers), 1] satisfies Field]
      : []),
    ["Containers", containers(spec?.containers), 1],
    volumes.length > 0 ? ["Volumes", volumes, 1] : ["Volumes", "<none>"],
    ...placementFields(spec),
  ];
}

function claims(object: WorkloadObject): string {
  const list = object.kind === "StatefulSet" ? (object.spec.volumeClaimTemplates ?? []) : [];
  if (list.length === 0) return "";
  const fields = list.map(
    ({ metadata, spec }): Field => [
      metadata?.name ?? "",
      [
        ["StorageClass", spec?.storageClassName ?? ""],
        ["Capacity", spec?.resources?.requests?.storage ?? ""],
        ["Access Modes", `[${(spec?.accessModes ?? []).join(" ")}]`],
      ],
    ],
  );
  return layout([["Volume Claims", fields]]);
}

function conditions({ status }: WorkloadObject): string {
  const list = status && "conditions" in status ? (status.conditions ?? []) : [];
  if (list.length === 0) return "";
  const rows = list.map(({ type, status: value, reason }) => `${type}\t${value}\t${reason ?? ""}`);
  return layout([["Conditions", ["Type\tStatus\tReason", "----\t------\t------", ...rows]]]);
}

function eventTable(events: readonly StoredEvent[], now: Date): string {
  if (events.length === 0) return layout([["Events", "<none>"]]);
  const since = ({ first, last, count }: StoredEvent) =>
    count > 1 ? `${age(last, now)} (x${count} over ${age(first, now)})` : age(last, now);
  const rows = events.map((one) => [one.type, one.reason, since(one), "tspod", one.message].join("\t"));
  return layout([
    ["Events", ["Type\tReason\tAge\tFrom\tMessage", "----\t------\t----\t----\t-------", ...rows]],
  ]);
}
