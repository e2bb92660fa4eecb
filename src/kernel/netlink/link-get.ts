import { attributesOf, text, textOf, u32 } from "./attribute.ts";
import {
  IFF_UP,
  IFLA_ADDRESS,
  IFLA_EXT_MASK,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  NLM_F_ACK,
  NLM_F_DUMP,
  RTEXT_FILTER_SKIP_STATS,
  RTM_GETLINK,
} from "./constants.ts";
import { failedWith } from "./failure.ts";
import { linkHeader } from "./link-message.ts";
import { type Message, message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

export interface Link {
  index: number;
  name: string;
  up: boolean;
  mtu: number;
  /** Six bytes for Ethernet. */
  address: Buffer;
  /** `bridge`, `veth`; "" for physical ones. */
  kind: string;
  /** Index of the bridge it is a port of, 0 for none. */
  master: number;
}

// Counters make up most of an answer, and nobody here looks at them.
const withoutCounters = u32(IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);

/** The link of that name or index, or undefined. */
export function linkGet(nl: Netlink, which: string | number): Link | undefined {
  const byName = typeof which === "string";
  const request = message(RTM_GETLINK, NLM_F_ACK, linkHeader(byName ? {} : { index: which }), [
    withoutCounters,
    ...(byName ? [text(IFLA_IFNAME, which)] : []),
  ]);
  const purpose = { doing: `look up link ${which}`, object: `${which}`, message: "RTM_GETLINK" };
  try {
    const [answer] = send(nl, purpose, [request]);
    return answer && decodeLink(answer);
  } catch (error) {
    if (failedWith(error, "ENODEV")) return undefined;
    throw error;
  }
}

/** All links of the namespace. */
export function links(nl: Netlink): Link[] {
  const request = message(RTM_GETLINK, NLM_F_DUMP, linkHeader(), [withoutCounters]);
  return send(nl, { doing: "list links", object: "links", message: "RTM_GETLINK" }, [request]).map(
    decodeLink,
  );
}

function decodeLink({ body }: Message): Link {
  const attributes = attributesOf(body.subarray(16));
  const info = attributesOf(attributes.get(IFLA_LINKINFO) ?? Buffer.alloc(0));
  return {
    index: body.readInt32LE(4),
    name: textOf(attributes.get(IFLA_IFNAME) ?? Buffer.alloc(0)),
    up: (body.readUInt32LE(8) & IFF_UP) !== 0,
    mtu: attributes.get(IFLA_MTU)?.readUInt32LE() ?? 0,
    address: Buffer.from(attributes.get(IFLA_ADDRESS) ?? []),
    kind: textOf(info.get(IFLA_INFO_KIND) ?? Buffer.alloc(0)),
    master: attributes.get(IFLA_MASTER)?.readUInt32LE() ?? 0,
  };
}
