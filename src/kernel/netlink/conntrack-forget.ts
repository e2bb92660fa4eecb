import { networkInterfaces } from "node:os";
import { formatIpv4 } from "../../net/ipv4.ts";
import type { PortMapping } from "../../plan/host-op.ts";
import { attribute, attributesOf, nested } from "./attribute.ts";
import { NLM_F_ACK, NLM_F_DUMP } from "./constants.ts";
import { failedWith } from "./failure.ts";
import { type Message, message } from "./message.ts";
import { type Netlink, type Purpose, send } from "./netlink.ts";
import { IPPROTO_UDP, NFPROTO_IPV4 } from "./nft/constants.ts";
import { isEveryAddress } from "./nft/element.ts";
import { genHeader } from "./nft/nft-message.ts";

// include/uapi/linux/netfilter/nfnetlink_conntrack.h
const IPCTNL_MSG_CT_GET = (1 << 8) | 1;
const IPCTNL_MSG_CT_DELETE = (1 << 8) | 2;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_ID = 12;
const CTA_ZONE = 18;

interface Flow {
  protocol: number;
  /** Where its first packet was sent to, and who answers (the pod, if it was translated). */
  destination: string;
  port: number;
  answeredBy: string;
  /** What names it to the kernel. */
  key: Buffer[];
}

/**
 * Ends what the kernel remembers of UDP flows that a change of published ports has made wrong. Translation is
 * decided by a flow's first packet: one that began before the port was published goes on past the pod, one that
 * began before the pod went goes on to nobody, and each datagram keeps it alive. TCP connections end by themselves.
 *
 * @param change "added": flows to these ports of the host that were not translated; "removed": flows to this pod
 */
export function conntrackForget(
  nl: Netlink,
  change: "added" | "removed",
  ports: readonly PortMapping[],
): void {
  const udp = ports.filter(({ protocol }) => protocol === "UDP");
  if (udp.length === 0) return;
  const local = change === "added" ? localAddresses() : new Set<string>();
  const stale = flows(nl).filter((flow) =>
    udp.some((port) => (change === "added" ? missedBy(port, flow, local) : leadTo(port, flow))),
  );
  for (const { key } of stale) forget(nl, key);
}

function missedBy({ hostIP, hostPort }: PortMapping, flow: Flow, local: ReadonlySet<string>): boolean {
  return (
    flow.port === hostPort &&
    flow.answeredBy === flow.destination &&
    (isEveryAddress(hostIP) ? local.has(flow.destination) : flow.destination === hostIP)
  );
}

function leadTo({ podIP, hostPort }: PortMapping, flow: Flow): boolean {
  return flow.port === hostPort && flow.answeredBy === podIP && flow.destination !== podIP;
}

function flows(nl: Netlink): Flow[] {
  const request = message(IPCTNL_MSG_CT_GET, NLM_F_DUMP, genHeader(NFPROTO_IPV4));
  const purpose = { doing: "list tracked connections", object: "conntrack", message: "IPCTNL_MSG_CT_GET" };
  return dump(nl, purpose, request).flatMap(({ body }) => {
    const attributes = attributesOf(body.subarray(4));
    const [original, reply] = [attributes.get(CTA_TUPLE_ORIG), attributes.get(CTA_TUPLE_REPLY)];
    if (original === undefined || reply === undefined) return [];
    const [there, back] = [decodeTuple(original), decodeTuple(reply)];
    if (there.protocol !== IPPROTO_UDP) return [];
    const names = [CTA_ID, CTA_ZONE].flatMap((type) => {
      const value = attributes.get(type);
      return value === undefined ? [] : [attribute(type, value)];
    });
    return [
      {
        protocol: there.protocol,
        destination: there.destination,
        port: there.port,
        answeredBy: back.source,
        key: [nested(CTA_TUPLE_ORIG, [original]), ...names],
      },
    ];
  });
}

function dump(nl: Netlink, purpose: Purpose, request: Buffer): Message[] {
  try {
    return send(nl, purpose, [request]);
  } catch (error) {
    // A kernel without ctnetlink translates as well; stale flows then end by their timeout.
    if (failedWith(error, "EINVAL", "EOPNOTSUPP")) return [];
    throw error;
  }
}

/** CTA_TUPLE_IP (1): source 1, destination 2. CTA_TUPLE_PROTO (2): number 1, destination port 3. */
function decodeTuple(bytes: Buffer): { source: string; destination: string; protocol: number; port: number } {
  const attributes = attributesOf(bytes);
  const ip = attributesOf(attributes.get(1) ?? Buffer.alloc(0));
  const protocol = attributesOf(attributes.get(2) ?? Buffer.alloc(0));
  const dotted = (type: number) => formatIpv4(ip.get(type)?.readUInt32BE() ?? 0);
  const port = protocol.get(3);
  return {
    source: dotted(1),
    destination: dotted(2),
    protocol: protocol.get(1)?.readUInt8() ?? 0,
    port: port?.length === 2 ? port.readUInt16BE() : 0,
  };
}

function forget(nl: Netlink, key: readonly Buffer[]): void {
  const request = message(IPCTNL_MSG_CT_DELETE, NLM_F_ACK, genHeader(NFPROTO_IPV4), key);
  const purpose = { doing: "forget a tracked flow", object: "conntrack", message: "IPCTNL_MSG_CT_DELETE" };
  try {
    send(nl, purpose, [request]);
  } catch (error) {
    // It ended by itself.
    if (!failedWith(error, "ENOENT")) throw error;
  }
}

function localAddresses(): Set<string> {
  return new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map(({ address }) => address)),
  );
}
