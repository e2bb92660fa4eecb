import type { PortMapping } from "../../plan/host-op.ts";

/** Published ports as `docker ps` shows them: `0.0.0.0:80->80/tcp`. */
export function portsText(ports: readonly PortMapping[]): string {
  return ports
    .map(
      ({ hostIP, hostPort, containerPort, protocol }) =>
        `${hostIP || "0.0.0.0"}:${hostPort}->${containerPort}/${protocol.toLowerCase()}`,
    )
    .join(", ");
}
