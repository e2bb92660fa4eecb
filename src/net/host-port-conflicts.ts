import type { Listener } from "./proc-net.ts";

/** A port a pod wants; `hostPorts` of the manifest gives them. */
export interface WantedPort {
  protocol: "TCP" | "UDP" | "SCTP";
  /** "" for every address. */
  hostIP: string;
  hostPort: number;
}

/** Ports another pod has published. */
export interface PublishedPorts {
  /** `namespace/name` */
  pod: string;
  ports: readonly WantedPort[];
}

/** Who has a wanted port already. A listener's process is found by its inode, see `socketOwners`. */
export interface HostPortConflict<Port extends WantedPort = WantedPort> {
  port: Port;
  holder: { kind: "pod"; pod: string } | { kind: "socket"; listener: Listener };
}

/**
 * The wanted ports that somebody else holds, each with its first holder; pods before processes.
 *
 * A published port wins over a listening socket before any packet reaches it, so nothing would fail: one of the
 * two would just not be heard. An IPv6 socket on :: takes IPv4 as well unless it was told not to
 * (IPV6_V6ONLY, which /proc does not show): beside an IPv4 socket of the same port it was.
 */
export function hostPortConflicts<Port extends WantedPort>(
  wanted: readonly Port[],
  listeners: readonly Listener[],
  published: readonly PublishedPorts[],
): HostPortConflict<Port>[] {
  return wanted.flatMap((port): HostPortConflict<Port>[] => {
    const pod = published.find(({ ports }) => ports.some((other) => portsClash(port, other)));
    if (pod !== undefined) return [{ port, holder: { kind: "pod", pod: pod.pod } }];
    const listener = listeners.find((one) => socketClashes(port, one, listeners));
    return listener === undefined ? [] : [{ port, holder: { kind: "socket", listener } }];
  });
}

function portsClash(a: WantedPort, b: WantedPort): boolean {
  return (
    a.protocol === b.protocol &&
    a.hostPort === b.hostPort &&
    (isWildcard(a.hostIP) || isWildcard(b.hostIP) || a.hostIP === b.hostIP)
  );
}

function socketClashes(port: WantedPort, listener: Listener, all: readonly Listener[]): boolean {
  if (listener.protocol !== port.protocol || listener.port !== port.hostPort) return false;
  if (listener.family === 4) {
    return isWildcard(port.hostIP) || isWildcard(listener.address) || listener.address === port.hostIP;
  }
  const sixOnly = all.some(
    (other) =>
      other.family === 4 &&
      other.protocol === listener.protocol &&
      other.port === listener.port &&
      isWildcard(other.address),
  );
  return listener.address === "::" && !sixOnly;
}

function isWildcard(address: string): boolean {
  return address === "" || address === "0.0.0.0";
}
