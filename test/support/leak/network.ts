import { spawnSync } from "node:child_process";
import type { Fact } from "./fact.ts";
import { ownerOf, type Scope } from "./scope.ts";

interface Link {
  ifname: string;
  master?: string;
  linkinfo?: { info_kind?: string };
  addr_info?: { local: string; prefixlen: number; family: string }[];
}

// biome-ignore lint/suspicious/noExplicitAny: what ip and nft print
type Json = any;

const LISTS = {
  links: "ip -j -d address",
  rules: "ip -j rule",
  routes4: "ip -4 -j route show table all",
  routes6: "ip -6 -j route show table all",
  firewall: "nft -j -s list ruleset",
};

/** What the host's network is made of, as `ip` and `nft` print it. */
export type Network = Record<keyof typeof LISTS, Json>;

/** How often it is listed anew: what comes or goes while it is listed can make a program fail. */
const TRIES = 10;

/** One shell for all programs: a test runner is large, and costly to start a process from. */
export function listNetwork(): Network {
  const script = Object.values(LISTS).join(" && printf '\\0' && ");
  for (let tries = 1; ; tries++) {
    const { status, stdout, stderr } = spawnSync("sh", ["-c", script], {
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    // What changes while ip lists it may hide something else from the list, and ip says so.
    const isWhole = !stderr.includes("Dump was interrupted") || tries === TRIES;
    if (status === 0 && isWhole) {
      const texts = stdout.split("\0").map((text) => (text.trim() === "" ? [] : JSON.parse(text)));
      return Object.fromEntries(Object.keys(LISTS).map((name, index) => [name, texts[index]])) as Network;
    }
    if (tries === TRIES) throw new Error(`the host's network cannot be listed: ${stderr}`);
  }
}

const vethOfPod = /^tsp[0-9a-f]{12}$/;

/** Kinds of virtual links that a bug of ours could leave; links of docker, podman, libvirt and the like are known by name. */
const ourKinds = ["veth", "bridge", "dummy", "ifb"];
const namesOfOthers =
  /^(docker|br-|podman|cni|virbr|vnet|veth|lxc|lxd|flannel|cali|kube|wg|tun|tap|eth|en|wl|lo$|ifb\d)/;

/** Links, addresses, routes, routing rules and firewall rules of the host that are the scope's or nobody's. */
export function networkFacts(scope: Scope, network: Network): Fact[] {
  const links = network.links as Link[];
  const foreign = new Set(links.filter((link) => isForeign(scope, link)).map((link) => link.ifname));
  return [
    ...links.filter((link) => !foreign.has(link.ifname)).flatMap(linkFacts),
    ...routeFacts(scope, foreign, network.routes4),
    ...routeFacts(scope, foreign, network.routes6),
    ...(network.rules as Json[]).map((rule): Fact => same("rule", JSON.stringify(rule))),
    ...firewallFacts(scope, network.firewall),
  ];
}

const same = (kind: Fact["kind"], text: string): Fact => ({ kind, id: text, text });

function isForeign(scope: Scope, { ifname, master, linkinfo }: Link): boolean {
  // A pod's veth is named after the pod; the bridge it is in tells the root. In none, it is nobody's.
  const owner = ownerOf(scope, master ?? ifname);
  if (owner !== undefined) return owner === "other";
  if (!ourKinds.includes(linkinfo?.info_kind ?? "")) return false;
  return namesOfOthers.test(ifname);
}

function linkFacts({ ifname, master, linkinfo, addr_info = [] }: Link): Fact[] {
  const kind = linkinfo?.info_kind ?? "link";
  return [
    {
      kind: "link",
      id: ifname,
      text: `${ifname} (${kind}${master ? ` in ${master}` : ""})`,
      // A pod of another root, a moment before its veth is in a bridge or after the bridge is gone.
      passing: master === undefined && vethOfPod.test(ifname),
    },
    ...addr_info
      // The kernel gives and takes link-local addresses by itself.
      .filter(({ local }) => !local.startsWith("fe80:"))
      .map(({ local, prefixlen }): Fact => same("address", `${local}/${prefixlen} on ${ifname}`)),
  ];
}

function routeFacts(scope: Scope, foreign: Set<string>, routes: Json[]): Fact[] {
  return (
    routes
      .filter(({ dst }) => !String(dst).startsWith("fe80:") && dst !== "ff00::/8")
      // By name too: a link of another root may have come or gone since the links were listed.
      .filter(({ dev }) => !foreign.has(dev) && ownerOf(scope, dev ?? "") !== "other")
      // `if42`: the link itself went while the routes were listed, and its name with it; the route goes too.
      .filter(({ dev }) => !/^if\d+$/.test(dev ?? ""))
      .map(({ type, dst, gateway, dev, table }) =>
        same(
          "route",
          [type, dst, gateway && `via ${gateway}`, dev && `dev ${dev}`, table && `table ${table}`]
            .filter(Boolean)
            .join(" "),
        ),
      )
  );
}

/** Rules of the scope's tables and, in the tables of other programs, rules that mention the scope. */
function firewallFacts(scope: Scope, { nftables }: { nftables: Record<string, Json>[] }): Fact[] {
  return nftables.flatMap((entry): Fact[] => {
    const [type, body] = Object.entries(entry)[0] as [string, Json];
    if (type === "metainfo") return [];
    const owner = ownerOf(scope, type === "table" ? body.name : body.table);
    const text = `${type} ${JSON.stringify(body, (key, value) => (key === "handle" ? undefined : value))}`;
    const mentions = text.includes(scope.bridge);
    return owner === "mine" || mentions ? [same("firewall", text)] : [];
  });
}

/** Whether pods of another root, or of the same, are on the network: they may have switched on forwarding. */
export function bridgesOfTspod({ links }: Network): string[] {
  return (links as Link[])
    .filter((link) => link.linkinfo?.info_kind === "bridge" && link.ifname.startsWith("tspod"))
    .map((link) => link.ifname);
}
