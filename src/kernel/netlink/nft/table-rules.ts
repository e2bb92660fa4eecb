import { maskOf, parseSubnet } from "../../../net/ipv4.ts";
import { NLM_F_ACK, NLM_F_CREATE } from "../constants.ts";
import {
  NF_ACCEPT,
  NF_DROP,
  NF_INET_FORWARD,
  NF_INET_LOCAL_OUT,
  NF_INET_POST_ROUTING,
  NF_INET_PRE_ROUTING,
  NF_IP_PRI_FILTER,
  NF_IP_PRI_NAT_DST,
  NF_IP_PRI_NAT_SRC,
  NF_IP_PRI_RAW,
  NFT_MSG_NEWSETELEM,
  TYPE_INET_PROTO,
  TYPE_INET_SERVICE,
  TYPE_IPV4_ADDR,
} from "./constants.ts";
import { anyAddressMap, elementMessage, oneAddressMap } from "./element.ts";
import {
  bitAnd,
  compare,
  conntrack,
  destinationNat,
  destinationType,
  goTo,
  hostOrder32,
  inSet,
  linkName,
  mapped,
  masquerade,
  meta,
  payload,
  REG32_01,
  REG32_02,
  verdict,
} from "./expression.ts";
import { newChain, newLinkSet, newMap, newRule, newTable } from "./nft-message.ts";

export interface TableInit {
  table: string;
  bridge: string;
  /** The pods' subnet, `10.77.0.0/16`. */
  subnet: string;
  /** Links that forward only because tspod asked them to. */
  uplinks?: readonly string[];
}

/** Links that forward only because of us; the set is also the record of it. */
export const uplinkSet = "uplinks";
const ids = { [anyAddressMap]: 1, [oneAddressMap]: 2, [uplinkSet]: 3 };
const local = hostOrder32(2);
const established = 2;
const related = 4;
const translated = 0x20;
const [saddr, daddr] = [12, 16];

/** The messages that make the whole table, in an order in which each finds what it refers to. */
export function tableMessages({ table, bridge, subnet, uplinks = [] }: TableInit): Buffer[] {
  const bridgeName = linkName(bridge);
  const fromBridge = [meta("iifname"), compare("==", bridgeName)];
  const toBridge = [meta("oifname"), compare("==", bridgeName)];
  const notToBridge = [meta("oifname"), compare("!=", bridgeName)];
  const toLoopback = [...network(daddr, "127.0.0.0/8"), compare("==", Buffer.from([127]))];
  const notToLoopback = [...network(daddr, "127.0.0.0/8"), compare("!=", Buffer.from([127]))];
  const fromLoopback = [...network(saddr, "127.0.0.0/8"), compare("==", Buffer.from([127]))];
  const fromPods = [...network(saddr, subnet), compare("==", networkBytes(subnet))];
  const notFromPods = [...network(saddr, subnet), compare("!=", networkBytes(subnet))];
  const toHost = [destinationType(), compare("==", local)];
  const wasTranslated = flags(conntrack("status"), translated);
  const rule = (chain: string, ...expressions: Buffer[]) => newRule(table, chain, expressions);
  return [
    newTable(table, `tspod, ${bridge}`),
    newMap(table, anyAddressMap, ids[anyAddressMap], {
      key: [TYPE_INET_PROTO, TYPE_INET_SERVICE],
      data: [TYPE_IPV4_ADDR, TYPE_INET_SERVICE],
    }),
    newMap(table, oneAddressMap, ids[oneAddressMap], {
      key: [TYPE_IPV4_ADDR, TYPE_INET_PROTO, TYPE_INET_SERVICE],
      data: [TYPE_IPV4_ADDR, TYPE_INET_SERVICE],
    }),
    newLinkSet(table, uplinkSet, ids[uplinkSet]),
    ...uplinkElements(table, uplinks),

    newChain(table, "guard", { type: "filter", hook: NF_INET_PRE_ROUTING, priority: NF_IP_PRI_RAW }),
    // route_localnet on the bridge would let pods reach what listens on the host's 127.0.0.1 (CVE-2020-8558).
    rule("guard", ...fromBridge, ...toLoopback, verdict(NF_DROP)),
    rule("guard", ...fromBridge, ...notFromPods, verdict(NF_DROP)),

    newChain(table, "forward", { type: "filter", hook: NF_INET_FORWARD, priority: NF_IP_PRI_FILTER }),
    // Into the bridge: from other pods, answers, and published ports. A neighbour of the host that routes
    // the pods' subnet to it reaches nothing that was not published.
    rule("forward", ...fromBridge, verdict(NF_ACCEPT)),
    rule("forward", ...toBridge, ...flags(conntrack("state"), established | related), verdict(NF_ACCEPT)),
    rule("forward", ...toBridge, ...wasTranslated, verdict(NF_ACCEPT)),
    rule("forward", ...toBridge, verdict(NF_DROP)),
    // Forwarding was switched on for pods; it does not make the host its neighbours' router.
    rule(
      "forward",
      ...[meta("iifname"), inSet(uplinkSet, ids[uplinkSet])],
      ...[meta("oifname"), inSet(uplinkSet, ids[uplinkSet]), verdict(NF_DROP)],
    ),

    newChain(table, "publish"),
    rule("publish", payload("network", daddr, 4), ...portKey(REG32_01), ...translate(oneAddressMap)),
    rule("publish", ...portKey(), ...translate(anyAddressMap)),

    newChain(table, "prerouting", { type: "nat", hook: NF_INET_PRE_ROUTING, priority: NF_IP_PRI_NAT_DST }),
    // A neighbour may send to 127.0.0.1 at our hardware address; translated, it would no longer be refused.
    rule("prerouting", ...notToLoopback, ...toHost, goTo("publish")),
    newChain(table, "output", { type: "nat", hook: NF_INET_LOCAL_OUT, priority: NF_IP_PRI_NAT_DST }),
    rule("output", ...toHost, goTo("publish")),

    newChain(table, "postrouting", { type: "nat", hook: NF_INET_POST_ROUTING, priority: NF_IP_PRI_NAT_SRC }),
    rule("postrouting", ...fromPods, ...notToBridge, masquerade()),
    // Pod -> host port -> pod, itself too: the answer must come back through the host to be translated back.
    rule("postrouting", ...fromPods, ...toBridge, ...wasTranslated, masquerade()),
    rule("postrouting", ...fromLoopback, ...toBridge, masquerade()),
  ];
}

function uplinkElements(table: string, uplinks: readonly string[]): Buffer[] {
  if (uplinks.length === 0) return [];
  const init = { type: NFT_MSG_NEWSETELEM, flags: NLM_F_ACK | NLM_F_CREATE, table, set: uplinkSet };
  return [
    elementMessage(
      init,
      uplinks.map((name) => ({ key: linkName(name) })),
    ),
  ];
}

function portKey(register?: number): Buffer[] {
  const [first, second] = register === undefined ? [undefined, REG32_01] : [register, REG32_02];
  return [meta("l4proto", first), payload("transport", 2, 2, second)];
}

function translate(map: typeof anyAddressMap | typeof oneAddressMap): Buffer[] {
  return [mapped(map, ids[map]), destinationNat()];
}

/** Goes on if one of the bits is set. */
function flags(load: Buffer, mask: number): Buffer[] {
  return [load, bitAnd(mask), compare("!=", hostOrder32(0))];
}

/** Loads as many bytes of an address as the prefix spans; a prefix inside a byte is masked. */
function network(offset: number, subnet: string): Buffer[] {
  const { prefixLength } = parseSubnet(subnet);
  if (prefixLength % 8 === 0) return [payload("network", offset, prefixLength / 8)];
  const mask = Buffer.alloc(4);
  mask.writeUInt32BE(maskOf(prefixLength));
  return [payload("network", offset, 4), bitAnd(mask.readUInt32LE())];
}

/** What `network` leaves in the register for an address of the subnet. */
function networkBytes(subnet: string): Buffer {
  const { base, prefixLength } = parseSubnet(subnet);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(base);
  return prefixLength % 8 === 0 ? bytes.subarray(0, prefixLength / 8) : bytes;
}
