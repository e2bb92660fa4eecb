import type {
  Container,
  ContainerState,
  ContainerStatus,
  EnvFromSource,
  EnvVar,
  Probe,
  SeccompProfile,
} from "../../manifest/index.ts";
import { type Field, fieldsOf } from "./fields.ts";
import { longTime } from "./long-time.ts";
import { printable } from "./printable.ts";

export interface ContainerFacts {
  /** Of its process on this machine. */
  pid?: number | undefined;
  /** What a variable has that takes its value from the pod or its resources, where that is known. */
  known?(variable: EnvVar): string | undefined;
}

/** One container as `kubectl describe` shows it, with its pid on this machine; without a status, one of a template. */
export function containerFields(
  spec: Container,
  status: ContainerStatus | undefined,
  { pid, known }: ContainerFacts = {},
): Field[] {
  const { limits, requests } = spec.resources ?? {};
  const { seccompProfile } = spec.securityContext ?? {};
  return [
    ...(status?.containerID ? [["Container ID", status.containerID] satisfies Field] : []),
    ...(pid === undefined ? [] : [["PID", String(pid)] satisfies Field]),
    ["Image", spec.image ?? ""],
    ...(status?.imageID ? [["Image ID", status.imageID] satisfies Field] : []),
    ...portFields(spec),
    ...(seccompProfile ? seccompFields(seccompProfile) : []),
    ...words("Command", spec.command),
    ...words("Args", spec.args),
    ...(status ? statusFields(status) : []),
    ...(limits && Object.keys(limits).length > 0 ? [["Limits", fieldsOf(limits)] satisfies Field] : []),
    ...(requests && Object.keys(requests).length > 0
      ? [["Requests", fieldsOf(requests)] satisfies Field]
      : []),
    ...probeFields(spec),
    ...(spec.envFrom?.length
      ? [["Environment Variables from", spec.envFrom.map(sourceText)] satisfies Field]
      : []),
    ["Environment", spec.env?.length ? spec.env.map((one) => envField(one, known?.(one))) : "<none>"],
    ["Mounts", mountsOf(spec)],
    ...(spec.volumeDevices?.length
      ? [
          [
            "Devices",
            spec.volumeDevices.map(({ devicePath, name }) => `${devicePath} from ${name}`),
          ] satisfies Field,
        ]
      : []),
  ];
}

function seccompFields({ type, localhostProfile }: SeccompProfile): Field[] {
  return [
    ["SeccompProfile", type],
    ...(localhostProfile ? [["  LocalhostProfile", localhostProfile] satisfies Field] : []),
  ];
}

/** One a line; a line break in a word is one here. */
function words(label: string, list: readonly string[] | undefined): Field[] {
  return list?.length ? [[label, list.flatMap((word) => word.split("\n"))]] : [];
}

function statusFields(status: ContainerStatus): Field[] {
  const { state, lastState, ready, restartCount } = status;
  return [
    ...stateFields("State", state),
    ...(lastState?.terminated ? stateFields("Last State", lastState) : []),
    ["Ready", ready ? "True" : "False"],
    ["Restart Count", String(restartCount)],
  ];
}

function portFields({ ports }: Container): Field[] {
  if (!ports || ports.length === 0)
    return [
      ["Port", "<none>"],
      ["Host Port", "<none>"],
    ];
  const inside = ports
    .map(({ containerPort, protocol, name }) => {
      const port = `${containerPort}/${protocol ?? "TCP"}`;
      return name ? `${port} (${name})` : port;
    })
    .join(", ");
  const outside = ports.map(({ hostPort, protocol }) => `${hostPort ?? 0}/${protocol ?? "TCP"}`).join(", ");
  return [
    [ports.length > 1 ? "Ports" : "Port", inside],
    [ports.length > 1 ? "Host Ports" : "Host Port", outside],
  ];
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

function envField({ name, value, valueFrom }: EnvVar, known = ""): Field {
  const {
    configMapKeyRef: map,
    secretKeyRef: secret,
    fieldRef,
    resourceFieldRef: resource,
    fileKeyRef: file,
  } = valueFrom ?? {};
  const optional = (reference: { optional?: boolean }) => `\tOptional: ${reference.optional === true}`;
  if (map) return [name, `<set to the key '${map.key}' of config map '${map.name}'>${optional(map)}`];
  if (secret) return [name, `<set to the key '${secret.key}' in secret '${secret.name}'>${optional(secret)}`];
  if (file)
    return [
      name,
      `<set to the key '${file.key}' of ${file.path} in volume '${file.volumeName}'>${optional(file)}`,
    ];
  if (fieldRef) return [name, `${known} (${fieldRef.apiVersion ?? "v1"}:${fieldRef.fieldPath})`];
  if (resource) return [name, `${known} (${resource.resource})`];
  return [name, value ?? ""];
}

function sourceText({ configMapRef, secretRef, prefix }: EnvFromSource): string {
  const reference = configMapRef ?? secretRef;
  const kind = configMapRef ? "ConfigMap" : "Secret";
  const prefixed = prefix ? ` with prefix '${prefix}'` : "";
  return `${reference?.name}\t${kind}${prefixed}\tOptional: ${reference?.optional === true}`;
}

function mountsOf({ volumeMounts }: Container): string | Field[] {
  if (!volumeMounts || volumeMounts.length === 0) return "<none>";
  return [...volumeMounts]
    .sort((a, b) => (a.mountPath < b.mountPath ? -1 : 1))
    .map(({ mountPath, name, readOnly, subPath, subPathExpr }) => {
      const path = subPath ?? subPathExpr;
      return `${mountPath} from ${name} (${readOnly ? "ro" : "rw"}${path ? `,path="${path}"` : ""})`;
    });
}
