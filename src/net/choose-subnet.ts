import { createHash } from "node:crypto";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { formatSubnet, parseSubnet, type Subnet, subnetsOverlap } from "./ipv4.ts";

/** A route of the host's main or local tables; `destination` in CIDR form, `0.0.0.0/0` for the default route. */
export interface HostRoute {
  destination: string;
  link: string;
  gateway: string;
}

// None of these is the default of a common engine, CNI plugin, cluster or VPN.
const candidates = [
  "10.77.0.0/16",
  "10.78.0.0/16",
  "10.79.0.0/16",
  "10.123.0.0/16",
  "172.29.0.0/16",
  "192.168.177.0/24",
];

/**
 * The first candidate that touches nothing the host can reach by a route more special than the default one.
 * Other roots than the default one start with /20 pools at a place that follows from their id, so that two
 * roots which come up at the same moment do not pick the same.
 */
export function chooseSubnet(input: {
  rootId: string;
  routes: readonly HostRoute[];
  addresses: readonly { address: string; prefixLength: number }[];
}): Subnet {
  const taken = [
    ...input.routes.map(({ destination }) => parseSubnet(destination)),
    ...input.addresses.map(({ address, prefixLength }) => parseSubnet(`${address}/${prefixLength}`)),
  ].filter(({ prefixLength }) => prefixLength > 0);
  for (const candidate of candidatesFor(input.rootId)) {
    if (!taken.some((used) => subnetsOverlap(used, candidate))) return candidate;
  }
  throw new TspodError({
    code: "TS4201",
    message: `no free subnet for the pods' network: ${candidates.join(", ")} all overlap routes of this host`,
    hint: "`ip route` shows what is in use",
    exitCode: ExitCode.hostNotAble,
    path: taken.map(formatSubnet).join(" "),
  });
}

function candidatesFor(rootId: string): Subnet[] {
  const whole = candidates.map(parseSubnet);
  if (rootId === "") return whole;
  // 10.124.0.0/14 in /20 pools: 64 of them, each with room for 4093 pods.
  const start = createHash("sha256").update(rootId).digest().readUInt8(0) % 64;
  const base = parseSubnet("10.124.0.0/14").base;
  const pools = Array.from({ length: 64 }, (_, index) => ({
    base: base + ((start + index) % 64) * 4096,
    prefixLength: 20,
  }));
  return [...pools, ...whole];
}
