import type { Addon } from "../../../src/kernel/addon.ts";
import {
  linkAddBridge,
  nftPortsAdd,
  nftPortsDelete,
  nftTableAdd,
  openNetfilter,
  openRoute,
} from "../../../src/kernel/netlink/index.ts";

/** One of several commands that come and go at once: `addon index rounds`. Ports by number, so that none clash. */
export function churn(addon: Addon, index: number, rounds: number): void {
  const [route, netfilter] = [openRoute(addon, -1), openNetfilter(addon, -1)];
  for (let round = 0; round < rounds; round++) {
    nftTableAdd(netfilter, { table: "tspod", bridge: "tspod0", subnet: "10.77.0.0/16", uplinks: ["up0"] });
    linkAddBridge(route, { name: "tspod0", address: "10.77.0.1", prefixLength: 16 });
    const ports = (["TCP", "UDP"] as const).map((protocol) => ({
      protocol,
      hostIP: "",
      hostPort: 1000 * index + round,
      podIP: `10.77.${index}.${round}`,
      containerPort: 80,
    }));
    nftPortsAdd(netfilter, "tspod", ports);
    // Every third stays, to be counted at the end.
    if (round % 3 !== 0) nftPortsDelete(netfilter, "tspod", ports);
  }
}
