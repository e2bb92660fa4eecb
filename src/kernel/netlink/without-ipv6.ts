import { failedIndex, failedWith } from "./failure.ts";
import { type Netlink, type Purpose, send } from "./netlink.ts";

/**
 * Sends an IPv6 setting and what has to come after it in one buffer. Where the kernel or the link has no IPv6
 * there is nothing to switch off: EAFNOSUPPORT for the setting is fine, and the rest is sent again to learn
 * whether it worked (all of it is idempotent).
 */
export function sendWithoutIpv6(
  nl: Netlink,
  purpose: Purpose,
  setting: Buffer,
  rest: readonly Buffer[],
): void {
  try {
    send(nl, purpose, [setting, ...rest]);
  } catch (error) {
    if (!failedWith(error, "EAFNOSUPPORT", "EOPNOTSUPP") || failedIndex(error) !== 0) throw error;
    send(nl, purpose, rest);
  }
}
