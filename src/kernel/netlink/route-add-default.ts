import { ipv4Bytes } from "../../net/ipv4.ts";
import { attribute, u32 } from "./attribute.ts";
import {
  AF_INET,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RT_SCOPE_UNIVERSE,
  RT_TABLE_MAIN,
  RTA_GATEWAY,
  RTA_OIF,
  RTM_NEWROUTE,
  RTN_UNICAST,
  RTPROT_STATIC,
} from "./constants.ts";
import { failedWith } from "./failure.ts";
import { linkIndex } from "./link-index.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

/** The default route through `gateway`; one that is there already is fine. */
export function routeAddDefault(nl: Netlink, init: { gateway: string; link: string }): void {
  const purpose = {
    doing: `add default route via ${init.gateway} on ${init.link}`,
    object: init.link,
    message: "RTM_NEWROUTE",
  };
  // struct rtmsg
  const header = Buffer.alloc(12);
  header.set([AF_INET, 0, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, RT_SCOPE_UNIVERSE, RTN_UNICAST]);
  const request = message(RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, header, [
    attribute(RTA_GATEWAY, ipv4Bytes(init.gateway)),
    u32(RTA_OIF, linkIndex(nl, init.link, purpose)),
  ]);
  try {
    send(nl, purpose, [request]);
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw error;
  }
}
