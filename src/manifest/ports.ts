import type { Container, PodSpec } from "./gen/types.ts";

/** A port published on the host. */
export interface HostPort {
  hostPort: number;
  containerPort: number;
  protocol: "TCP" | "UDP" | "SCTP";
  /** "" for all addresses of the host. */
  hostIP: string;
  container: string;
  /** Field path of the hostPort, for messages: `spec.containers[0].ports[0].hostPort`. */
  path: string;
}

/** All host ports of a pod whose defaults are applied, in the order of the manifest. */
export function hostPorts(spec: PodSpec): HostPort[] {
  const found: HostPort[] = [];
  for (const list of ["initContainers", "containers"] as const) {
    for (const [i, container] of (spec[list] ?? []).entries()) {
      for (const [j, port] of (container.ports ?? []).entries()) {
        if (!port.hostPort) continue;
        found.push({
          hostPort: port.hostPort,
          containerPort: port.containerPort,
          protocol: (port.protocol ?? "TCP") as HostPort["protocol"],
          hostIP: port.hostIP ?? "",
          container: container.name,
          path: `spec.${list}[${i}].ports[${j}].hostPort`,
        });
      }
    }
  }
  return found;
}

/**
 * The number of a port given by number or by the name of one of the container's ports; undefined if no port has the
 * name.
 */
export function resolvePort(port: number | string, container: Container): number | undefined {
  if (typeof port === "number") return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}
