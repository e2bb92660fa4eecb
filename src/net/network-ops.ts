import type { ContainerOp } from "../plan/container-op.ts";
import type { HostOp, PortMapping } from "../plan/host-op.ts";
import { parseSubnet } from "./ipv4.ts";
import { type Network, vethName } from "./network.ts";

/** A pod's network as operations; `holder-start` stands between the two lists. */
export interface NetworkOps {
  /** What the pods share, made by the first of them. */
  beforeHolder: HostOp[];
  /** First ops of the holder, which is born in the pod's network namespace. */
  holder: ContainerOp[];
  /** What is the pod's own and needs its network namespace. */
  afterHolder: HostOp[];
}

/**
 * Connects one pod: address, bridge, table, sysctls; then its link, address, route and published ports.
 *
 * The table comes before the bridge and before any sysctl: nothing is opened that is not yet guarded.
 */
export function networkOps(input: {
  uid: string;
  address: string;
  ports: PortMapping[];
  network: Network;
}): NetworkOps {
  const { uid, address, ports, network } = input;
  const { bridge, table, subnet, gateway, uplinks } = network;
  const { prefixLength } = parseSubnet(subnet);
  const veth = vethName(uid);
  const directory = network.addressDirectory;
  const beforeHolder: HostOp[] = [
    { op: "address-hold", directory, address, uid, teardown: networkTeardown(network) },
    { op: "nft-table-add", table, bridge, subnet, uplinks },
    { op: "bridge-add", name: bridge, address: gateway, prefixLength },
    ...bridgeSysctls(network),
    ...uplinks.map((link): HostOp => ({ op: "sysctl-set", key: forwarding(link), value: "1" })),
  ];
  const afterHolder: HostOp[] = [
    { op: "link-up", netns: "pod", name: "lo" },
    { op: "veth-add", name: veth, bridge, peer: "eth0" },
    { op: "link-up", netns: "pod", name: "eth0" },
    { op: "address-add", netns: "pod", name: "eth0", address, prefixLength },
    { op: "route-default", netns: "pod", gateway, name: "eth0" },
    ...(ports.length > 0 ? [{ op: "nft-ports-add" as const, table, ports }] : []),
  ];
  return { beforeHolder, holder: holderOps(network), afterHolder };
}

/** A pod that has no network but its own loopback (a test, or `--network none`). */
export function loopbackOps(): HostOp[] {
  return [{ op: "link-up", netns: "pod", name: "lo" }];
}

/** Removes what the pods shared, once the last address has been given back. The bridge's own sysctls go with it. */
export function networkTeardown({ bridge, table }: Pick<Network, "bridge" | "table">): HostOp[] {
  return [
    { op: "uplinks-close", table },
    { op: "link-delete", name: bridge },
    { op: "nft-table-delete", table },
  ];
}

function bridgeSysctls(network: Network): HostOp[] {
  const { bridge, ipv6 } = network;
  const set = (key: string, value: string): HostOp => ({ op: "sysctl-set", key, value });
  return [
    // Forwarding is decided by the link a packet comes in on: the bridge for what pods send …
    set(forwarding(bridge), "1"),
    // … and 127.0.0.1 -> pod needs the answers to be taken back to 127.0.0.1 (guarded: CVE-2020-8558).
    set(`net/ipv4/conf/${bridge}/route_localnet`, "1"),
    // A pod must not become the host's IPv6 router by advertising itself (CVE-2020-10749).
    ...(ipv6 ? [set(`net/ipv6/conf/${bridge}/disable_ipv6`, "1")] : []),
  ];
}

/**
 * `default` is what eth0 starts with when it is born: no IPv6 address nobody asked for, no router
 * advertisements from neighbours (CVE-2020-10749). The loopback link was born before and keeps ::1.
 */
function holderOps({ ipv6 }: Network): ContainerOp[] {
  if (!ipv6) return [];
  return [{ op: "write", path: "/proc/sys/net/ipv6/conf/default/disable_ipv6", data: "1" }];
}

function forwarding(link: string): string {
  return `net/ipv4/conf/${link}/forwarding`;
}
