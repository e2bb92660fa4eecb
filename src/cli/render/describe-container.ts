import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvFromSource,
  EnvVar,
  Probe,
} from "../../manifest/index.ts";
import { type Field, keyValues } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { printable } from "./printable.ts";

/** One container as `kubectl describe` shows it, with its pid on this machine. */
export function containerFields(
  spec: Container,
  status: ContainerStatus | undefined,
  pid: number | undefined,
): Field[] {
  const { limits, requests } = spec.resources ?? {};
  return [
    ...(status?.containerID ? [["Container ID", status.containerID] satisfies Field] : []),
    ...(pid === undefined ? [] : [["PID", String(pid)] satisfies Field]),
    ["Image", spec.image ?? ""],
    ...(status?.imageID ? [["Image ID", status.imageID] satisfies Field] : []),
    ...portFields(spec),
    ...(spec.command ? [["Command", spec.command.join("\n")] satisfies Field] : []),
    ...(spec.args ? [["Args", spec.args.join("\n").trimEnd()] satisfies Field] : []),
    ...stateFields("State", status?.state),
    ...(hasState(status?.lastState) ? stateFields("Last State", status?.lastState) : []),
    ["Ready", status?.ready ? "True" : "False"],
    ["Restart Count", String(status?.restartCount ?? 0)],
    ...(limits ? [["Limits", keyValues(limits, ": ")] satisfies Field] : []),
    ...(requests ? [["Requests", keyValues(requests, ": ")] satisfies Field] : []),
    ...probeFields(spec),
    ...(spec.envFrom?.length
      ? [["Environment Variables from", spec.envFrom.map(sourceText).join("\n")] satisfies Field]
      : []),
    ["Environment", spec.env?.length ? spec.env.map(envText).join("\n") : "<none>"],
    ["Mounts", mountsText(spec)],
  ];
}

function portFields({ ports }: Container): Field[] {
  if (!ports || ports.length === 0) return [];
  const inside = ports
    .map(({ containerPort, protocol }) => `${containerPort}/${protocol ?? "TCP"}`)
    .join(", ");
  const outside = ports.map(({ hostPort, protocol }) => `${hostPort ?? 0}/${protocol ?? "TCP"}`).join(", ");
  return [
    [ports.length > 1 ? "Ports" : "Port", inside],
    [ports.length > 1 ? "Host Ports" : "Host Port", outside],
  ];
}

function hasState(state: ContainerState | undefined): boolean {
  return state !== undefined && Object.keys(state).length > 0;
}

function stateFields(label: string, state: ContainerState | undefined): Field[] {
  if (state?.running) {
    return [
      [label, "Running"],
      ["  Started", longTime(state.running.startedAt)],
    ];
  }
  if (state?.terminated) {
    const { reason, message, exitCode, signal, startedAt, finishedAt } = state.terminated;
    return [
      [label, "Terminated"],
      ...(reason ? [["  Reason", reason] satisfies Field] : []),
      ...(message ? [["  Message", printable(message)] satisfies Field] : []),
      ["  Exit Code", String(exitCode)],
      ...(signal ? [["  Signal", String(signal)] satisfies Field] : []),
      ["  Started", longTime(startedAt)],
      ["  Finished", longTime(finishedAt)],
    ];
  }
  const { reason, message } = state?.waiting ?? {};
  return [
    [label, "Waiting"],
    ...(reason ? [["  Reason", reason] satisfies Field] : []),
    ...(message ? [["  Message", printable(message)] satisfies Field] : []),
  ];
}

function probeFields(spec: Container): Field[] {
  const probes: [string, Probe | undefined][] = [
    ["Liveness", spec.livenessProbe],
    ["Readiness", spec.readinessProbe],
    ["Startup", spec.startupProbe],
  ];
  return probes.flatMap(([label, probe]): Field[] => (probe ? [[label, probeText(probe)]] : []));
}

function probeText(probe: Probe): string {
  const { exec, httpGet, tcpSocket, grpc } = probe;
  const how = exec
    ? `exec [${(exec.command ?? []).join(" ")}]`
    : httpGet
      ? `http-get ${(httpGet.scheme ?? "HTTP").toLowerCase()}://${httpGet.host ?? ""}:${httpGet.port}${httpGet.path ?? "/"}`
      : tcpSocket
        ? `tcp-socket ${tcpSocket.host ?? ""}:${tcpSocket.port}`
        : `grpc <pod>:${grpc?.port} ${grpc?.service ?? ""}`;
  const times = `delay=${probe.initialDelaySeconds ?? 0}s timeout=${probe.timeoutSeconds ?? 1}s period=${probe.periodSeconds ?? 10}s`;
  return `${how} ${times} #success=${probe.successThreshold ?? 1} #failure=${probe.failureThreshold ?? 3}`;
}

function envText({ name, value, valueFrom }: EnvVar): string {
  const {
    configMapKeyRef: map,
    secretKeyRef: secret,
    fieldRef,
    resourceFieldRef: resource,
  } = valueFrom ?? {};
  if (map)
    return `${name}: <set to the key '${map.key}' of config map '${map.name}'>  Optional: ${map.optional === true}`;
  if (secret) {
    return `${name}: <set to the key '${secret.key}' in secret '${secret.name}'>  Optional: ${secret.optional === true}`;
  }
  if (fieldRef) return `${name}: (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`;
  if (resource) return `${name}: (${resource.resource})`;
  return `${name}: ${value ?? ""}`;
}

function sourceText({ configMapRef, secretRef, prefix }: EnvFromSource): string {
  const reference = configMapRef ?? secretRef;
  const kind = configMapRef ? "ConfigMap" : "Secret";
  const prefixed = prefix ? ` with prefix '${prefix}'` : "";
  return `${reference?.name}  ${kind}${prefixed}  Optional: ${reference?.optional === true}`;
}

function mountsText({ volumeMounts }: Container): string {
  if (!volumeMounts || volumeMounts.length === 0) return "<none>";
  return [...volumeMounts]
    .sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))
    .map(({ mountPath, name, readOnly, subPath, subPathExpr }) => {
      const path = subPath ?? subPathExpr;
      return `${mountPath} from ${name} (${readOnly ? "ro" : "rw"}${path ? `,path="${path}"` : ""})`;
    })
    .join("\n");
}
