import { formatIpv4, ipv4Bytes, maskOf, requireIpv4 } from "../../net/ipv4.ts";
import { attribute } from "./attribute.ts";
import {
  AF_INET,
  IFA_ADDRESS,
  IFA_BROADCAST,
  IFA_LOCAL,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_SCOPE_UNIVERSE,
  RTM_NEWADDR,
} from "./constants.ts";
import { failedWith } from "./failure.ts";
import { linkIndex } from "./link-index.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

/** Gives a link an IPv4 address with the subnet's broadcast address; one it has already is fine. */
export function addressAdd(nl: Netlink, init: { link: string; address: string; prefixLength: number }): void {
  const { link, address, prefixLength } = init;
  const local = ipv4Bytes(address);
  const broadcast = formatIpv4((requireIpv4(address) | ~maskOf(prefixLength)) >>> 0);
  const purpose = {
    doing: `add address ${address}/${prefixLength} to ${link}`,
    object: link,
    message: "RTM_NEWADDR",
  };
  // struct ifaddrmsg
  const header = Buffer.alloc(8);
  header.set([AF_INET, prefixLength, 0, RT_SCOPE_UNIVERSE]);
  header.writeUInt32LE(linkIndex(nl, link, purpose), 4);
  const request = message(RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, header, [
    attribute(IFA_LOCAL, local),
    attribute(IFA_ADDRESS, local),
    ...(prefixLength < 31 ? [attribute(IFA_BROADCAST, ipv4Bytes(broadcast))] : []),
  ]);
  try {
    send(nl, purpose, [request]);
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw error;
  }
}
