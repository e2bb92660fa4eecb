import type { WorkloadObject } from "../../manifest/index.ts";
import type { Related } from "../../workload/index.ts";
import { humanDuration } from "./age.ts";
import { type Field, keyValues } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { selectorText } from "./object-row.ts";

/** The lines of a workload's `describe` before its pod template and after it, in kubectl's order. */
export interface WorkloadFields {
  before: Field[];
  after: Field[];
}

type Of<K extends WorkloadObject["kind"]> = Extract<WorkloadObject, { kind: K }>;

/** Those of some fields that are there. */
const some = (...fields: (Field | false | undefined | "")[]): Field[] =>
  fields.filter((field) => field !== undefined && field !== false && field !== "") as Field[];

export function workloadFields(object: WorkloadObject, related: Related): WorkloadFields {
  switch (object.kind) {
    case "Deployment":
      return deployment(object, related);
    case "ReplicaSet":
      return replicaSet(object, related);
    case "StatefulSet":
      return statefulSet(object, related);
    case "DaemonSet":
      return daemonSet(object, related);
    case "Job":
      return { before: job(object), after: [] };
    case "CronJob":
      return cronJob(object);
  }
}

function deployment(object: Of<"Deployment">, { current, old }: Related): WorkloadFields {
  const { metadata, spec, status = {} } = object;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0, unavailableReplicas = 0 } = status;
  const wanted = `${spec.replicas ?? 1} desired | ${updatedReplicas} updated | ${replicas} total`;
  const { maxUnavailable, maxSurge } = spec.strategy?.rollingUpdate ?? {};
  const sets = (list: readonly Of<"ReplicaSet">[]) =>
    list
      .map(
        (set) => `${set.metadata.name} (${set.status?.replicas ?? 0}/${set.spec.replicas} replicas created)`,
      )
      .join(", ") || "<none>";
  return {
    before: some(
      created(object),
      ...labels(object),
      ["Selector", selectorText(spec.selector)],
      ["Replicas", `${wanted} | ${availableReplicas} available | ${unavailableReplicas} unavailable`],
      ["StrategyType", spec.strategy?.type ?? "RollingUpdate"],
      ["MinReadySeconds", String(spec.minReadySeconds ?? 0)],
      spec.strategy?.rollingUpdate && [
        "RollingUpdateStrategy",
        `${maxUnavailable} max unavailable, ${maxSurge} max surge`,
      ],
    ),
    after: [
      ...conditions(object),
      ...(metadata.uid && (current || old.length > 0)
        ? some(["OldReplicaSets", sets(old)], ["NewReplicaSet", sets(current ? [current] : [])])
        : []),
    ],
  };
}

function replicaSet(object: Of<"ReplicaSet">, related: Related): WorkloadFields {
  const { spec, status } = object;
  return {
    before: some(
      ["Selector", selectorText(spec.selector)],
      ...labels(object),
      controller(object),
      ["Replicas", `${status?.replicas ?? 0} current / ${spec.replicas ?? 1} desired`],
      podsStatus(related),
    ),
    after: conditions(object),
  };
}

function statefulSet(object: Of<"StatefulSet">, related: Related): WorkloadFields {
  const { spec, status } = object;
  const { type = "RollingUpdate", rollingUpdate } = spec.updateStrategy ?? {};
  const { whenDeleted, whenScaled } = spec.persistentVolumeClaimRetentionPolicy ?? {};
  return {
    before: some(
      created(object),
      ["Selector", selectorText(spec.selector)],
      ...labels(object),
      spec.serviceName && ["Service Name", spec.serviceName],
      ["Pod Management Policy", spec.podManagementPolicy ?? "OrderedReady"],
      ["Replicas", `${spec.replicas ?? 1} desired | ${status?.replicas ?? 0} total`],
      ["Update Strategy", type],
      rollingUpdate && `  Partition:\t${rollingUpdate.partition ?? 0}`,
      rollingUpdate?.maxUnavailable !== undefined && `  MaxUnavailable:\t${rollingUpdate.maxUnavailable}`,
      [
        "Persistent Volume Claim Retention Policy",
        [
          ["WhenDeleted", whenDeleted ?? "Retain"],
          ["WhenScaled", whenScaled ?? "Retain"],
        ],
      ],
      podsStatus(related),
    ),
    after: [claims(object)],
  };
}

function claims({ spec }: Of<"StatefulSet">): Field {
  const templates = spec.volumeClaimTemplates ?? [];
  if (templates.length === 0) return ["Volume Claims", "<none>"];
  const fields = templates.flatMap(({ metadata, spec: wanted }): Field[] => [
    ["Name", metadata?.name ?? ""],
    ["StorageClass", wanted?.storageClassName ?? ""],
    ["Labels", keyValues(metadata?.labels, "=")],
    ["Annotations", keyValues(metadata?.annotations, ": ")],
    ["Capacity", wanted?.resources?.requests?.storage ?? "<default>"],
    ["Access Modes", `[${(wanted?.accessModes ?? []).join(" ")}]`],
  ]);
  return ["Volume Claims", fields];
}

function daemonSet(object: Of<"DaemonSet">, related: Related): WorkloadFields {
  const { spec, status } = object;
  const nodes = Object.entries(spec.template.spec.nodeSelector ?? {}).map((pair) => pair.join("="));
  return {
    before: some(
      ["Selector", selectorText(spec.selector)],
      ["Node-Selector", nodes.sort().join(",") || "<none>"],
      ...labels(object),
      `Desired Number of Nodes Scheduled: ${status?.desiredNumberScheduled ?? 0}`,
      `Current Number of Nodes Scheduled: ${status?.currentNumberScheduled ?? 0}`,
      `Number of Nodes Scheduled with Up-to-date Pods: ${status?.updatedNumberScheduled ?? 0}`,
      `Number of Nodes Scheduled with Available Pods: ${status?.numberAvailable ?? 0}`,
      `Number of Nodes Misscheduled: ${status?.numberMisscheduled ?? 0}`,
      podsStatus(related),
    ),
    after: [],
  };
}

function job(object: Of<"Job">): Field[] {
  const { spec, status } = object;
  const { startTime, completionTime, active = 0, ready = 0, succeeded = 0, failed = 0 } = status ?? {};
  const took = Date.parse(completionTime ?? "") - Date.parse(startTime ?? "");
  const { ttlSecondsAfterFinished: ttl, activeDeadlineSeconds: deadline } = spec;
  return some(
    ["Selector", selectorText(spec.selector)],
    ...labels(object),
    controller(object),
    ["Parallelism", String(spec.parallelism ?? 1)],
    ["Completions", orUnset(spec.completions)],
    ["Completion Mode", spec.completionMode ?? "NonIndexed"],
    ["Suspend", String(spec.suspend ?? false)],
    ["Backoff Limit", String(spec.backoffLimit ?? 6)],
    ttl !== undefined && ["TTL Seconds After Finished", String(ttl)],
    startTime && ["Start Time", longTime(startTime)],
    completionTime && ["Completed At", longTime(completionTime)],
    !Number.isNaN(took) && ["Duration", humanDuration(took)],
    deadline !== undefined && ["Active Deadline Seconds", `${deadline}s`],
    ["Pods Statuses", `${active} Active (${ready} Ready) / ${succeeded} Succeeded / ${failed} Failed`],
    spec.completionMode === "Indexed" && ["Completed Indexes", indexes(status?.completedIndexes)],
  );
}

const INDEXES_SHOWN = 50;

/** Cut behind the first of them that ends after so many characters. */
function indexes(text = ""): string {
  const end = text.indexOf(",", INDEXES_SHOWN);
  return end < 0 ? text || "<none>" : `${text.slice(0, end + 1)}...`;
}

function cronJob(object: Of<"CronJob">): WorkloadFields {
  const { spec, status } = object;
  const { selector, parallelism, completions, activeDeadlineSeconds: deadline } = spec.jobTemplate.spec;
  const last = status?.lastScheduleTime;
  return {
    before: some(
      ...labels(object),
      ["Schedule", spec.schedule],
      ["Concurrency Policy", spec.concurrencyPolicy ?? "Allow"],
      ["Suspend", spec.suspend ? "True" : "False"],
      ["Time Zone", spec.timeZone ?? "<unset>"],
      ["Successful Job History Limit", String(spec.successfulJobsHistoryLimit ?? 3)],
      ["Failed Job History Limit", String(spec.failedJobsHistoryLimit ?? 1)],
      ["Starting Deadline Seconds", seconds(spec.startingDeadlineSeconds)],
      ["Selector", selector === undefined ? "<unset>" : selectorText(selector)],
      ["Parallelism", orUnset(parallelism)],
      ["Completions", orUnset(completions)],
      deadline !== undefined && ["Active Deadline Seconds", `${deadline}s`],
    ),
    after: [
      ["Last Schedule Time", last === undefined ? "<unset>" : longTime(last)],
      ["Active Jobs", (status?.active ?? []).map(({ name }) => name).join(", ") || "<none>"],
    ],
  };
}

const orUnset = (value: number | undefined): string => (value === undefined ? "<unset>" : String(value));
const seconds = (value: number | undefined): string => (value === undefined ? "<unset>" : `${value}s`);

const created = ({ metadata }: WorkloadObject): Field => [
  "CreationTimestamp",
  longTime(metadata.creationTimestamp),
];

const labels = ({ metadata }: WorkloadObject): Field[] => [
  ["Labels", keyValues(metadata.labels, "=")],
  ["Annotations", keyValues(metadata.annotations, ": ")],
];

function controller({ metadata }: WorkloadObject): Field | undefined {
  const owner = metadata.ownerReferences?.find((one) => one.controller);
  return owner && ["Controlled By", `${owner.kind}/${owner.name}`];
}

function podsStatus({ phases }: Related): Field {
  const { Running, Pending, Succeeded, Failed } = phases;
  return [
    "Pods Status",
    `${Running} Running / ${Pending} Waiting / ${Succeeded} Succeeded / ${Failed} Failed`,
  ];
}

function conditions({ status }: Of<"Deployment"> | Of<"ReplicaSet">): Field[] {
  const list = status?.conditions ?? [];
  if (list.length === 0) return [];
  const rows = list.map(({ type, status: value, reason }) => `${type} \t${value}\t${reason ?? ""}`);
  return [["Conditions", ["Type\tStatus\tReason", "----\t------\t------", ...rows]]];
}
