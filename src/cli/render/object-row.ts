import type { LabelSelector, PodSpec } from "../../manifest/index.ts";
import type { OfKind, StoredObject } from "../../pod/index.ts";
import { age } from "./age.ts";
import { jobRow } from "./job-row.ts";

/** kubectl's columns for a kind; the later list is only for `-o wide`. */
export const OBJECT_HEADINGS: Record<StoredObject["kind"], { usual: string[]; wide: string[] }> = {
  ConfigMap: { usual: ["NAME", "DATA", "AGE"], wide: [] },
  Secret: { usual: ["NAME", "TYPE", "DATA", "AGE"], wide: [] },
  PersistentVolumeClaim: {
    usual: ["NAME", "STATUS", "VOLUME", "CAPACITY", "ACCESS MODES", "STORAGECLASS", "AGE"],
    wide: ["VOLUMEMODE"],
  },
  Service: { usual: ["NAME", "TYPE", "CLUSTER-IP", "EXTERNAL-IP", "PORT(S)", "AGE"], wide: ["SELECTOR"] },
  Deployment: {
    usual: ["NAME", "READY", "UP-TO-DATE", "AVAILABLE", "AGE"],
    wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  },
  ReplicaSet: {
    usual: ["NAME", "DESIRED", "CURRENT", "READY", "AGE"],
    wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  },
  StatefulSet: { usual: ["NAME", "READY", "AGE"], wide: ["CONTAINERS", "IMAGES"] },
  DaemonSet: {
    usual: ["NAME", "DESIRED", "CURRENT", "READY", "UP-TO-DATE", "AVAILABLE", "NODE SELECTOR", "AGE"],
    wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  },
  Job: {
    usual: ["NAME", "STATUS", "COMPLETIONS", "DURATION", "AGE"],
    wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  },
  CronJob: {
    usual: ["NAME", "SCHEDULE", "TIMEZONE", "SUSPEND", "ACTIVE", "LAST SCHEDULE", "AGE"],
    wide: ["CONTAINERS", "IMAGES", "SELECTOR"],
  },
};

export function objectRow(object: StoredObject, now: Date): { usual: string[]; wide: string[] } {
  const { name } = object.metadata;
  const since = age(object.metadata.creationTimestamp, now);
  switch (object.kind) {
    case "ConfigMap":
      return { usual: [name, count(object.data, object.binaryData), since], wide: [] };
    case "Secret":
      return { usual: [name, object.type ?? "Opaque", count(object.data), since], wide: [] };
    case "PersistentVolumeClaim":
      return claimRow(object, since);
    case "Service":
      return serviceRow(object, since);
    case "Deployment": {
      const { spec, status = {} } = object;
      const ready = `${status.readyReplicas ?? 0}/${spec.replicas ?? 1}`;
      return {
        usual: [name, ready, number(status.updatedReplicas), number(status.availableReplicas), since],
        wide: templateCells(spec.template.spec, spec.selector),
      };
    }
    case "ReplicaSet": {
      const { spec, status } = object;
      return {
        usual: [name, number(spec.replicas), number(status?.replicas), number(status?.readyReplicas), since],
        wide: templateCells(spec.template.spec, spec.selector),
      };
    }
    case "StatefulSet": {
      const { spec, status } = object;
      return {
        usual: [name, `${status?.readyReplicas ?? 0}/${spec.replicas ?? 1}`, since],
        wide: templateCells(spec.template.spec, null),
      };
    }
    case "DaemonSet": {
      const { spec, status } = object;
      const counts = [
        status?.desiredNumberScheduled,
        status?.currentNumberScheduled,
        status?.numberReady,
        status?.updatedNumberScheduled,
        status?.numberAvailable,
      ].map(number);
      const nodes = pairs(spec.template.spec.nodeSelector);
      return {
        usual: [name, ...counts, nodes, since],
        wide: templateCells(spec.template.spec, spec.selector),
      };
    }
    case "Job":
      return {
        usual: jobRow(object, now),
        wide: templateCells(object.spec.template.spec, object.spec.selector),
      };
    case "CronJob": {
      const { spec, status } = object;
      const last = status?.lastScheduleTime;
      return {
        usual: [
          name,
          spec.schedule,
          spec.timeZone ?? "<none>",
          spec.suspend ? "True" : "False",
          number(status?.active?.length),
          last === undefined ? "<none>" : age(last, now),
          since,
        ],
        wide: templateCells(spec.jobTemplate.spec.template.spec, spec.jobTemplate.spec.selector),
      };
    }
  }
}

const number = (value: number | undefined): string => String(value ?? 0);

const count = (...maps: (object | undefined)[]): string =>
  String(maps.reduce((sum, map) => sum + Object.keys(map ?? {}).length, 0));

function pairs(map: Record<string, string> | undefined): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, value]) => `${key}=${value}`).join(",") || "<none>";
}

/** A selector as kubectl prints it: `app=web,tier in (a,b)`. */
export function selectorText({ matchLabels, matchExpressions = [] }: LabelSelector = {}): string {
  const equal = Object.keys(matchLabels ?? {}).length > 0 ? [pairs(matchLabels)] : [];
  const others = matchExpressions.map(({ key, operator, values = [] }) => {
    if (operator === "Exists") return key;
    if (operator === "DoesNotExist") return `!${key}`;
    return `${key} ${operator === "In" ? "in" : "notin"} (${[...values].sort().join(",")})`;
  });
  return [...equal, ...others].join(",") || "<none>";
}

function templateCells({ containers }: PodSpec, selector?: LabelSelector | null): string[] {
  return [
    containers.map(({ name }) => name).join(","),
    containers.map(({ image }) => image ?? "").join(","),
    ...(selector === null ? [] : [selectorText(selector ?? {})]),
  ];
}

function claimRow(object: OfKind<"PersistentVolumeClaim">, since: string) {
  const { name, namespace } = object.metadata;
  const { accessModes = [], resources, storageClassName = "", volumeMode = "Filesystem" } = object.spec ?? {};
  const modes = accessModes.map((mode) => MODES[mode] ?? mode).join(",");
  // A claim is a folder, bound from the start.
  const capacity = resources?.requests?.storage ?? "";
  return {
    usual: [name, "Bound", `${namespace}/${name}`, capacity, modes, storageClassName, since],
    wide: [volumeMode],
  };
}

const MODES: Record<string, string> = {
  ReadWriteOnce: "RWO",
  ReadOnlyMany: "ROX",
  ReadWriteMany: "RWX",
  ReadWriteOncePod: "RWOP",
};

function serviceRow({ metadata, spec }: OfKind<"Service">, since: string) {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol = "TCP" }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  const external = spec.type === "ExternalName" ? (spec.externalName ?? "<none>") : "<none>";
  return {
    usual: [
      metadata.name,
      spec.type ?? "ClusterIP",
      spec.clusterIP ?? "<none>",
      external,
      ports.join(",") || "<none>",
      since,
    ],
    wide: [pairs(spec.selector)],
  };
}
