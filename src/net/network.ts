import { createHash } from "node:crypto";
import { join } from "node:path";
import { chooseSubnet, type HostRoute } from "./choose-subnet.ts";
import { formatSubnet, gatewayOf, parseSubnet } from "./ipv4.ts";

/** The network that all pods of one tspod root share. */
export interface Network {
  bridge: string;
  /** nftables table, family ip. */
  table: string;
  /** `10.77.0.0/16` */
  subnet: string;
  /** The bridge's address, the first of the subnet. */
  gateway: string;
  /** One file per address in use, named after it, holding the pod's uid; beside them `last`. */
  addressDirectory: string;
  /** Links of the host that must forward for the pods and do not by themselves. */
  uplinks: string[];
  /** Whether the host has IPv6 at all (/proc/sys/net/ipv6). */
  ipv6: boolean;
}

/** What is read from the host before a network is named; see `readHostNetwork`. */
export interface HostNetwork {
  routes: HostRoute[];
  addresses: { link: string; address: string; prefixLength: number }[];
  /** Names of links that have an IPv4 address and whose forwarding is off, or on only because of us. */
  uplinks: string[];
  ipv6: boolean;
}

/** Names of a root's network objects. `rootId` is "" for the default root, else anything that tells roots apart. */
export function networkNames(rootId: string): { bridge: string; table: string } {
  if (rootId === "") return { bridge: "tspod0", table: "tspod" };
  // A link's name has at most 15 characters.
  const suffix = createHash("sha256").update(rootId).digest("hex").slice(0, 8);
  return { bridge: `tspod-${suffix}`, table: `tspod_${suffix}` };
}

/**
 * The network of a root. If its bridge is up already, its address says which subnet was chosen: there is no
 * second record that could contradict it.
 *
 * @param directory where the addresses in use are kept (below /run, so that a reboot clears them)
 */
export function networkFor(input: { rootId: string; host: HostNetwork; directory: string }): Network {
  const { rootId, host, directory } = input;
  const { bridge, table } = networkNames(rootId);
  const own = host.addresses.find(({ link }) => link === bridge);
  const subnet = own
    ? parseSubnet(`${own.address}/${own.prefixLength}`)
    : chooseSubnet({ rootId, routes: host.routes, addresses: host.addresses });
  return {
    bridge,
    table,
    subnet: formatSubnet(subnet),
    gateway: gatewayOf(subnet),
    addressDirectory: join(directory, "addresses"),
    uplinks: host.uplinks,
    ipv6: host.ipv6,
  };
}

/**
 * The name of the host's end of a pod's veth pair: 15 characters, from the pod's uid. The digits of a random
 * uid are taken as they are, so that `ip link` can be read beside `tspod ps`; others are hashed.
 */
export function vethName(uid: string): string {
  const digits = uid.replaceAll("-", "").toLowerCase();
  const plain = /^[0-9a-f]{32}$/.test(digits);
  return `tsp${(plain ? digits : createHash("sha256").update(uid).digest("hex")).slice(0, 12)}`;
}
