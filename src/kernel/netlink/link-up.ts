import { noLinkLocalMessage, upMessage } from "./link-message.ts";
import { type Netlink, send } from "./netlink.ts";
import { sendWithoutIpv6 } from "./without-ipv6.ts";

/**
 * Brings a link up; up already is fine. Loopback keeps ::1; other links are brought up without an IPv6
 * link-local address, so that a pod has exactly the address it was given.
 */
export function linkUp(nl: Netlink, name: string): void {
  const purpose = { doing: `bring up link ${name}`, object: name, message: "RTM_NEWLINK" };
  if (name === "lo") send(nl, purpose, [upMessage(name)]);
  else sendWithoutIpv6(nl, purpose, noLinkLocalMessage(name), [upMessage(name)]);
}
