import type { PortMapping } from "../plan/host-op.ts";
import type { WantedPort } from "./host-port-conflicts.ts";

/** What `nft-ports-add` publishes of a pod's host ports. SCTP is left out: the manifest's rules refuse or warn. */
export function portMappings(
  ports: readonly (WantedPort & { containerPort: number })[],
  podIP: string,
): PortMapping[] {
  return ports.flatMap(({ protocol, hostIP, hostPort, containerPort }) =>
    protocol === "SCTP" ? [] : [{ protocol, hostIP, hostPort, podIP, containerPort }],
  );
}
