import type { HostFact } from "../kernel/host-facts/index.ts";
import { loadAddon } from "../kernel/load-addon.ts";
import { forwardObstacles, openNetfilter } from "../kernel/netlink/index.ts";

/** What of this host's firewall could keep pods from the outside. Without root it cannot be looked at: no fact then. */
export function networkFacts(): HostFact[] {
  let chains: string[];
  try {
    chains = forwardObstacles(openNetfilter(loadAddon(), -1));
  } catch {
    return [];
  }
  const ok = chains.length === 0;
  return [
    {
      id: "network.forward",
      ok,
      level: "warning",
      title: "forwarding",
      detail: ok ? "no chain of another program drops it" : `dropped by default in ${chains.join(", ")}`,
      hint: ok ? "" : "pods may not reach the outside: docs/network.md says how to let them through",
    },
  ];
}
