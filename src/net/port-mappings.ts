import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import type { PortMapping } from "../plan/host-op.ts";
import type { WantedPort } from "./host-port-conflicts.ts";
import { parseIpv4 } from "./ipv4.ts";

/**
 * What `nft-ports-add` publishes of a pod's host ports. SCTP is left out: the manifest's rules refuse or warn.
 * Throws TS3111 for a hostIP of IPv6, which pods do not have.
 */
export function portMappings(
  ports: readonly (WantedPort & { containerPort: number; path?: string })[],
  podIP: string,
): PortMapping[] {
  return ports.flatMap(({ protocol, hostIP, hostPort, containerPort, path }) => {
    if (protocol === "SCTP") return [];
    if (hostIP !== "" && parseIpv4(hostIP) === undefined) throw notIpv4(hostIP, hostPort, path);
    return [{ protocol, hostIP, hostPort, podIP, containerPort }];
  });
}

function notIpv4(hostIP: string, hostPort: number, path: string | undefined): TspodError {
  return new TspodError({
    code: "TS3111",
    message: `hostIP ${JSON.stringify(hostIP)} of hostPort ${hostPort} is no IPv4 address, and pods have IPv4 only`,
    hint: "leave hostIP out to publish on every IPv4 address, or name one of the host's",
    exitCode: ExitCode.invalid,
    ...(path === undefined ? {} : { path }),
  });
}
