import { attribute, nested, text, u8 } from "./attribute.ts";
import {
  AF_INET6,
  AF_UNSPEC,
  IFF_UP,
  IFLA_AF_SPEC,
  IFLA_IFNAME,
  IFLA_INET6_ADDR_GEN_MODE,
  IN6_ADDR_GEN_MODE_NONE,
  NLM_F_ACK,
  RTM_NEWLINK,
} from "./constants.ts";
import { message } from "./message.ts";

/** struct ifinfomsg: family, type, index, flags, which of the flags are meant. */
export function linkHeader(init: { index?: number; flags?: number; change?: number } = {}): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt8(AF_UNSPEC, 0);
  bytes.writeInt32LE(init.index ?? 0, 4);
  bytes.writeUInt32LE(init.flags ?? 0, 8);
  bytes.writeUInt32LE(init.change ?? 0, 12);
  return bytes;
}

/** Brings a link up, found by its name: no request is spent on its index. */
export function upMessage(name: string): Buffer {
  return message(RTM_NEWLINK, NLM_F_ACK, linkHeader({ flags: IFF_UP, change: IFF_UP }), [
    text(IFLA_IFNAME, name),
  ]);
}

/**
 * No IPv6 link-local address: none is used, and without one the link sends no router solicitations and no
 * multicast reports and waits for no duplicate address detection. It has to be said before the link is up.
 */
export function noLinkLocalMessage(name: string): Buffer {
  const mode = u8(IFLA_INET6_ADDR_GEN_MODE, IN6_ADDR_GEN_MODE_NONE);
  return message(RTM_NEWLINK, NLM_F_ACK, linkHeader(), [
    text(IFLA_IFNAME, name),
    nested(IFLA_AF_SPEC, [nested(AF_INET6, [mode])]),
  ]);
}

/** IFLA_INFO_KIND: `bridge`, `veth`. */
export function kind(type: number, name: string): Buffer {
  return attribute(type, Buffer.from(name));
}
