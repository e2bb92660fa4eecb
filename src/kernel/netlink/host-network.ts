import { existsSync, readFileSync } from "node:fs";
import { type HostNetwork, savedFile } from "../../net/index.ts";
import { formatSubnet, parseIpv4 } from "../../net/ipv4.ts";
import { addresses } from "./addresses.ts";
import { links } from "./link-get.ts";
import type { Netlink } from "./netlink.ts";
import { routes } from "./routes.ts";

/**
 * What `networkFor` wants to know of the host: three dumps and a sysctl per link with an address.
 *
 * @param savedDirectory where earlier pods of this root left the sysctls' first values: a link that forwards
 *   only because of them still counts as one that does not
 */
export function readHostNetwork(nl: Netlink, savedDirectory: string): HostNetwork {
  const nameOf = new Map(links(nl).map(({ index, name }) => [index, name]));
  const own = addresses(nl).map(({ index, address, prefixLength }) => ({
    link: nameOf.get(index) ?? "",
    address,
    prefixLength,
  }));
  const withAddress = new Set(own.map(({ link }) => link));
  return {
    addresses: own,
    routes: routes(nl).map(({ destination, prefixLength, gateway, index }) => ({
      destination: formatSubnet({ base: parseIpv4(destination) ?? 0, prefixLength }),
      link: nameOf.get(index) ?? "",
      gateway,
    })),
    uplinks: [...withAddress].filter((link) => isUplink(link) && !forwards(link, savedDirectory)),
    ipv6: existsSync("/proc/sys/net/ipv6"),
  };
}

/** Bridges of tspod's own roots look after themselves. */
function isUplink(link: string): boolean {
  return link !== "" && link !== "lo" && link !== "tspod0" && !/^tspod-[0-9a-f]{8}$/.test(link);
}

function forwards(link: string, savedDirectory: string): boolean {
  const key = `net/ipv4/conf/${link}/forwarding`;
  const before = readIfThere(savedFile({ savedDirectory }, key)) ?? readIfThere(`/proc/sys/${key}`);
  return before?.trim() === "1";
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    // A link can go between the dump and here.
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
