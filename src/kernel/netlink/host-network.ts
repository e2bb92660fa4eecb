import { existsSync, readFileSync } from "node:fs";
import { hasCode } from "../../errors/errno.ts";
import type { HostNetwork } from "../../net/index.ts";
import { formatSubnet, requireIpv4 } from "../../net/ipv4.ts";
import { addresses } from "./addresses.ts";
import { failedWith } from "./failure.ts";
import { linkGet } from "./link-get.ts";
import type { Netlink } from "./netlink.ts";
import { uplinksByTable } from "./nft/uplinks.ts";
import { routes } from "./routes.ts";

/**
 * What `networkFor` wants to know of the host. Needs no privileges but to see the firewall, which then counts as
 * empty.
 */
export function readHostNetwork(route: Netlink, netfilter: Netlink): HostNetwork {
  // A host with many pods has many links, of which only few have an address or a route.
  const names = new Map<number, string>();
  const nameOf = (index: number) => {
    const name = names.get(index) ?? linkGet(route, index)?.name ?? "";
    names.set(index, name);
    return name;
  };
  const own = addresses(route).map(({ index, address, prefixLength }) => ({
    link: nameOf(index),
    address,
    prefixLength,
  }));
  const candidates = [...new Set(own.map(({ link }) => link))].filter(isUplink);
  // A tspod of another root may open or close a link at this moment: it names it in its table before it switches
  // forwarding on and until after it has switched it off, so the tables are looked at on both sides.
  const before = openedLinks(netfilter);
  const forwarding = new Set(candidates.filter(forwards));
  const after = forwarding.size > 0 ? openedLinks(netfilter) : before;
  return {
    addresses: own,
    routes: routes(route).map(({ destination, prefixLength, gateway, index }) => ({
      destination: formatSubnet({ base: requireIpv4(destination), prefixLength }),
      link: index === 0 ? "" : nameOf(index),
      gateway,
    })),
    uplinks: candidates.filter((link) => before.has(link) || !forwarding.has(link) || after.has(link)),
    ipv6: existsSync("/proc/sys/net/ipv6"),
  };
}

/** Bridges of tspod's own roots look after themselves. */
function isUplink(link: string): boolean {
  return link !== "" && link !== "lo" && !/^tspod(0|-[0-9a-f]{8})$/.test(link);
}

/** A link that forwards only because a pod is running still counts as one that does not. */
function openedLinks(netfilter: Netlink): Set<string> {
  try {
    return new Set([...uplinksByTable(netfilter).values()].flat());
  } catch (error) {
    if (failedWith(error, "EPERM", "EACCES")) return new Set();
    throw error;
  }
}

function forwards(link: string): boolean {
  try {
    return readFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, "latin1").trim() === "1";
  } catch (error) {
    // The link went between the dump and here.
    if (hasCode(error, "ENOENT")) return true;
    throw error;
  }
}
