import { text } from "./attribute.ts";
import { IFLA_IFNAME, NLM_F_ACK, RTM_DELLINK } from "./constants.ts";
import { failedWith } from "./failure.ts";
import { linkHeader } from "./link-message.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

/**
 * Removes a link; one that is gone already is fine. For a veth end this waits for the kernel's grace periods
 * (20 to 28 ms): the end of its namespace takes it without anybody waiting.
 */
export function linkDelete(nl: Netlink, name: string): void {
  const request = message(RTM_DELLINK, NLM_F_ACK, linkHeader(), [text(IFLA_IFNAME, name)]);
  try {
    send(nl, { doing: `delete link ${name}`, object: name, message: "RTM_DELLINK" }, [request]);
  } catch (error) {
    if (!failedWith(error, "ENODEV")) throw error;
  }
}
