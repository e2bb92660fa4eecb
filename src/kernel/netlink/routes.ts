import { formatIpv4 } from "../../net/ipv4.ts";
import { attributesOf } from "./attribute.ts";
import {
  AF_INET,
  NLM_F_DUMP,
  RTA_DST,
  RTA_GATEWAY,
  RTA_OIF,
  RTM_GETROUTE,
  RTN_BLACKHOLE,
  RTN_PROHIBIT,
  RTN_UNICAST,
  RTN_UNREACHABLE,
} from "./constants.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

export interface Route {
  /** Dotted; 0.0.0.0 with prefixLength 0 is the default route. */
  destination: string;
  prefixLength: number;
  /** "" for a directly connected network. */
  gateway: string;
  /** Index of the link, 0 for a route over several. */
  index: number;
}

// Routes that lead nowhere on purpose occupy their subnet as well.
const kinds = [RTN_UNICAST, RTN_BLACKHOLE, RTN_UNREACHABLE, RTN_PROHIBIT];

/** All IPv4 routes of the namespace, of every table, but those to its own and to broadcast addresses. */
export function routes(nl: Netlink): Route[] {
  // struct rtmsg
  const header = Buffer.alloc(12);
  header.writeUInt8(AF_INET);
  const request = message(RTM_GETROUTE, NLM_F_DUMP, header);
  const answers = send(nl, { doing: "list routes", object: "routes", message: "RTM_GETROUTE" }, [request]);
  return answers.flatMap(({ body }) => {
    if (!kinds.includes(body.readUInt8(7))) return [];
    const attributes = attributesOf(body.subarray(12));
    const dotted = (type: number) => {
      const bytes = attributes.get(type);
      return bytes?.length === 4 ? formatIpv4(bytes.readUInt32BE()) : undefined;
    };
    return [
      {
        destination: dotted(RTA_DST) ?? "0.0.0.0",
        prefixLength: body.readUInt8(1),
        gateway: dotted(RTA_GATEWAY) ?? "",
        index: attributes.get(RTA_OIF)?.readUInt32LE() ?? 0,
      },
    ];
  });
}
