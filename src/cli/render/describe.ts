import type { Container, ContainerStatus, Pod, Volume } from "../../manifest/index.ts";
import { podWithStatus } from "../../pod/status.ts";
import type { PodView } from "../../pod/view.ts";
import type { PodEvent } from "../../state/events.ts";
import { combineEvents } from "../../state/events-combine.ts";
import type { ContainerKind } from "../../state/record.ts";
import { containerFields } from "./describe-container.ts";
import { volumeFields } from "./describe-volume.ts";
import { lastSeen } from "./event-list.ts";
import { type Field, keyValues, layout } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { printable } from "./printable.ts";
import { table } from "./table.ts";

/** What `kubectl describe pod` shows, and the pod's holder. */
export function describePod(view: PodView, events: readonly PodEvent[], now: Date): string {
  const pod = podWithStatus(view);
  const init = containers(view, pod, "init");
  const added = containers(view, pod, "ephemeral");
  const volumes: readonly Volume[] = pod.spec?.volumes ?? [];
  return [
    layout(head(view, pod)),
    init.length > 0 ? layout([["Init Containers", init]]) : "",
    layout([["Containers", containers(view, pod, "app")]]),
    added.length > 0 ? layout([["Ephemeral Containers", added]]) : "",
    conditions(pod),
    volumes.length > 0
      ? layout([["Volumes", volumes.flatMap(volumeFields)]])
      : layout([["Volumes", "<none>"]]),
    layout([["QoS Class", pod.status?.qosClass ?? ""]]),
    eventTable(events, now),
  ].join("");
}

function head(view: PodView, pod: Pod): Field[] {
  const { status, metadata, spec } = pod;
  const { sandbox } = view;
  const kinds = ["net", "ipc", "uts", ...(spec?.shareProcessNamespace ? ["pid"] : [])];
  const shared = kinds.flatMap((kind) => sandbox.namespaces[kind] ?? []);
  return [
    ["Name", view.record.name],
    ["Namespace", view.record.namespace],
    ["UID", view.record.uid],
    ["Start Time", longTime(status?.startTime)],
    ["Labels", keyValues(metadata?.labels, "=")],
    ["Annotations", keyValues(metadata?.annotations, ": ")],
    ["Status", metadata?.deletionTimestamp ? "Terminating" : (status?.phase ?? "Unknown")],
    ...(status?.reason ? [["Reason", status.reason] satisfies Field] : []),
    ...(status?.message ? [["Message", status.message] satisfies Field] : []),
    ["IP", status?.podIP ?? ""],
    ...(status?.hostIP ? [["Host IP", status.hostIP] satisfies Field] : []),
    ["Restart Policy", spec?.restartPolicy ?? "Always"],
    [
      "Infra",
      [
        ["PID", sandbox.infra ? `${sandbox.infra.pid}${view.infraAlive ? "" : " (gone)"}` : "<none>"],
        ["Namespaces", shared.join(", ") || "<none>"],
        ["Cgroup", sandbox.cgroup || "<none>"],
      ],
    ],
    ["Manifest", view.record.source === "-" ? "standard input" : view.record.source],
  ];
}

function containers(view: PodView, { spec: all, status: now }: Pod, kind: ContainerKind): Field[] {
  const [specs, statuses]: [Container[] | undefined, ContainerStatus[] | undefined] =
    kind === "init"
      ? [all?.initContainers, now?.initContainerStatuses]
      : kind === "app"
        ? [all?.containers, now?.containerStatuses]
        : [all?.ephemeralContainers, now?.ephemeralContainerStatuses];
  return (specs ?? []).map((spec) => {
    const status = statuses?.find(({ name }) => name === spec.name);
    const last = view.containers.find(({ name }) => name === spec.name)?.attempts.at(-1);
    const pid = last?.alive ? last.record.process?.pid : undefined;
    return [spec.name, containerFields(spec, status, pid)];
  });
}

function conditions(pod: Pod): string {
  const list = pod.status?.conditions ?? [];
  const why = list.filter(({ status, reason }) => status !== "True" && reason);
  const width = Math.max(...list.map(({ type }) => type.length), 4) + 2;
  const rows = list.map(({ type, status, reason, message }) => {
    const because = status !== "True" && reason ? `  (${reason}${message ? `: ${message}` : ""})` : "";
    return `  ${type.padEnd(width)}${status.padEnd(why.length > 0 ? 5 : 0)}${because}`.trimEnd();
  });
  return `Conditions:\n  ${"Type".padEnd(width)}Status\n${rows.join("\n")}\n`;
}

function eventTable(events: readonly PodEvent[], now: Date): string {
  if (events.length === 0) return layout([["Events", "<none>"]]);
  const rows = [
    ["  Type", "Reason", "Age", "From", "Message"],
    ["  ----", "------", "----", "----", "-------"],
    ...combineEvents(events).map((event) => [
      `  ${event.type}`,
      event.reason,
      lastSeen(event, now),
      "tspod",
      printable(event.message),
    ]),
  ];
  return `Events:\n${table(rows)}`;
}
