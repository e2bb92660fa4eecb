import type { Container, ContainerStatus, EnvVar, Pod, Volume } from "../../manifest/index.ts";
import { lastAttempt } from "../../pod/last-attempt.ts";
import { podWithStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";
import type { PodEvent } from "../../state/events.ts";
import { combineEvents } from "../../state/events-combine.ts";
import type { ContainerKind } from "../../state/record.ts";
import { age } from "./age.ts";
import { containerFields } from "./describe-container.ts";
import { placementFields } from "./describe-placement.ts";
import { variableValue } from "./describe-value.ts";
import { volumeField } from "./describe-volume.ts";
import { lastSeen } from "./event-list.ts";
import { type Field, fieldsOf, keyValues, layout } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { printable } from "./printable.ts";

/** What `kubectl describe pod` shows, and the pod's holder. */
export function describePod(view: PodView, events: readonly PodEvent[], now: Date): string {
  const pod = podWithStatus(view);
  const init = containers(view, pod, "init");
  const added = containers(view, pod, "ephemeral");
  const volumes: readonly Volume[] = pod.spec?.volumes ?? [];
  return layout([
    ...head(view, pod, now),
    ...(init.length > 0 ? [["Init Containers", init] satisfies Field] : []),
    ["Containers", containers(view, pod, "app")],
    ...(added.length > 0 ? [["Ephemeral Containers", added] satisfies Field] : []),
    ...readinessGates(pod),
    ...conditions(pod),
    ["Volumes", volumes.length > 0 ? volumes.map((volume) => volumeField(volume)) : "<none>"],
    ["QoS Class", pod.status?.qosClass ?? ""],
    ...placementFields(pod.spec),
    ...eventFields(events, now),
  ]);
}

function head(view: PodView, pod: Pod, now: Date): Field[] {
  const { status, metadata, spec } = pod;
  const owner = metadata?.ownerReferences?.find(({ controller }) => controller);
  const { seccompProfile } = spec?.securityContext ?? {};
  const { limits = {}, requests = {} } = spec?.resources ?? {};
  const ips = (status?.podIPs ?? []).map(({ ip }): Field => ["IP", ip]);
  const fields: (Field | undefined | false)[] = [
    ["Name", view.record.name],
    ["Namespace", view.record.namespace],
    ["Priority", String(spec?.priority ?? 0)],
    spec?.priorityClassName !== undefined && ["Priority Class Name", spec.priorityClassName],
    spec?.runtimeClassName !== undefined && ["Runtime Class Name", spec.runtimeClassName],
    ["Service Account", spec?.serviceAccountName ?? "default"],
    ["Node", spec?.nodeName ? `${spec.nodeName}/${status?.hostIP ?? ""}` : "<none>"],
    status?.startTime !== undefined && ["Start Time", longTime(status.startTime)],
    ["Labels", keyValues(metadata?.labels, "=")],
    ["Annotations", keyValues(metadata?.annotations, ": ")],
    ...phaseFields(pod, now),
    seccompProfile && ["SeccompProfile", seccompProfile.type],
    seccompProfile?.localhostProfile !== undefined && ["LocalhostProfile", seccompProfile.localhostProfile],
    ["IP", status?.podIP ?? ""],
    ["IPs", ips.length > 0 ? ips : "<none>"],
    owner && ["Controlled By", `${owner.kind}/${owner.name}`],
    ["UID", view.record.uid],
    ["Restart Policy", spec?.restartPolicy ?? "Always"],
    ["Manifest", view.record.source === "-" ? "standard input" : view.record.source],
    ["Infra", infra(view, spec?.shareProcessNamespace ?? false)],
    spec?.resources && [
      "Resources",
      [
        ["Limits", fieldsOf(limits)],
        ["Requests", fieldsOf(requests)],
      ].filter(([, list]) => list?.length) as Field[],
    ],
  ];
  return fields.filter((field) => field !== undefined && field !== false);
}

function phaseFields({ metadata, status }: Pod, now: Date): Field[] {
  const { deletionTimestamp: until, deletionGracePeriodSeconds: grace = 30 } = metadata ?? {};
  const over = status?.phase === "Failed" || status?.phase === "Succeeded";
  const fields: Field[] =
    until === undefined || over
      ? [["Status", status?.phase ?? "Unknown"]]
      : [
          ["Status", `Terminating (lasts ${age(until, now)})`],
          ["Termination Grace Period", `${grace}s`],
        ];
  if (status?.reason) fields.push(["Reason", status.reason]);
  if (status?.message) fields.push(["Message", printable(status.message)]);
  return fields;
}

function infra({ sandbox, infraAlive }: PodView, sharesPids: boolean): Field[] {
  const kinds = ["net", "ipc", "uts", ...(sharesPids ? ["pid"] : [])];
  return [
    ["PID", sandbox.infra ? `${sandbox.infra.pid}${infraAlive ? "" : " (gone)"}` : "<none>"],
    ["Namespaces", kinds.flatMap((kind) => sandbox.namespaces[kind] ?? []).join(", ") || "<none>"],
    ["Cgroup", sandbox.cgroup || "<none>"],
  ];
}

function containers(view: PodView, pod: Pod, kind: ContainerKind): Field[] {
  const { spec: all, status: now } = pod;
  const [specs, statuses]: [Container[] | undefined, ContainerStatus[] | undefined] =
    kind === "init"
      ? [all?.initContainers, now?.initContainerStatuses]
      : kind === "app"
        ? [all?.containers, now?.containerStatuses]
        : [all?.ephemeralContainers, now?.ephemeralContainerStatuses];
  return (specs ?? []).map((spec) => {
    const status = statuses?.find(({ name }) => name === spec.name);
    const last = lastAttempt(view, spec.name);
    const pid = last?.alive ? last.record.process?.pid : undefined;
    const known = (variable: EnvVar) => variableValue(pod, spec, variable);
    return [spec.name, containerFields(spec, status, { pid, known })];
  });
}

function readinessGates({ spec, status }: Pod): Field[] {
  const gates = spec?.readinessGates ?? [];
  if (gates.length === 0) return [];
  const of = (wanted: string) => status?.conditions?.find(({ type }) => type === wanted)?.status ?? "<none>";
  return [
    [
      "Readiness Gates",
      ["Type\tStatus", ...gates.map((one) => `${one.conditionType}\t${of(one.conditionType)}`)],
    ],
  ];
}

/** With what kubectl leaves for `get -o yaml`: why one is not met. */
function conditions({ status }: Pod): Field[] {
  const list = status?.conditions ?? [];
  if (list.length === 0) return [];
  const rows = list.map(({ type, status: value, reason, message }) => {
    const because = value !== "True" && reason ? `\t(${reason}${message ? `: ${message}` : ""})` : "";
    return `${type}\t${value}${because}`;
  });
  return [["Conditions", ["Type\tStatus", ...rows]]];
}

function eventFields(events: readonly PodEvent[], now: Date): Field[] {
  if (events.length === 0) return [["Events", "<none>"]];
  const rows = combineEvents(events).map((event) => {
    const message = event.object ? `${event.object}: ${event.message.trim()}` : event.message.trim();
    return [event.type, event.reason, lastSeen(event, now), "tspod", message].join("\t");
  });
  return [["Events", ["Type\tReason\tAge\tFrom\tMessage", "----\t------\t----\t----\t-------", ...rows]]];
}
