import type { PodTemplateSpec, WorkloadObject } from "../../manifest/index.ts";
import type { Related, StoredEvent } from "../../workload/index.ts";
import { age } from "./age.ts";
import { containerFields } from "./describe-container.ts";
import { placementFields } from "./describe-placement.ts";
import { volumeField } from "./describe-volume.ts";
import { workloadFields } from "./describe-workload-fields.ts";
import { type Field, keyValues, layout } from "./fields.ts";

/** What `kubectl describe` shows of a workload. */
export function describeWorkload(
  object: WorkloadObject,
  { related, events, now }: { related: Related; events: readonly StoredEvent[]; now: Date },
): string {
  const { name, namespace } = object.metadata;
  const { before, after } = workloadFields(object, related);
  const template = object.kind === "CronJob" ? object.spec.jobTemplate.spec.template : object.spec.template;
  const head: Field[] = [
    ["Name", name],
    ["Namespace", namespace],
  ];
  const fields = [...head, ...before, templateField(template), ...after];
  return `${layout(fields)}${layout([eventField(events, now)])}`;
}

/** Of a workload, or of a revision of one. */
export const describeTemplate = (template: PodTemplateSpec): string => layout([templateField(template)]);

function templateField({ metadata, spec }: PodTemplateSpec): Field {
  const containers = (list: NonNullable<typeof spec>["containers"] | undefined): Field[] =>
    (list ?? []).map((one): Field => [one.name, containerFields(one, undefined), 1]);
  const volumes = (spec?.volumes ?? []).map((volume) => volumeField(volume, 1));
  const fields: Field[] = [
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
    ...(spec?.priorityClassName ? [["Priority Class Name", spec.priorityClassName] satisfies Field] : []),
    ...placementFields(spec),
  ];
  return ["Pod Template", fields];
}

function eventField(events: readonly StoredEvent[], now: Date): Field {
  if (events.length === 0) return ["Events", "<none>"];
  const since = ({ first, last, count }: StoredEvent) =>
    count > 1 ? `${age(last, now)} (x${count} over ${age(first, now)})` : age(last, now);
  const rows = events.map((one) => [one.type, one.reason, since(one), "tspod", one.message].join("\t"));
  return ["Events", ["Type\tReason\tAge\tFrom\tMessage", "----\t------\t----\t----\t-------", ...rows]];
}
