import { formatIpv4 } from "../../net/ipv4.ts";
import { attributesOf } from "./attribute.ts";
import { AF_INET, IFA_ADDRESS, IFA_LOCAL, NLM_F_DUMP, RTM_GETADDR } from "./constants.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";

export interface LinkAddress {
  /** Index of the link. */
  index: number;
  address: string;
  prefixLength: number;
}

/** All IPv4 addresses of the namespace. */
export function addresses(nl: Netlink): LinkAddress[] {
  const header = Buffer.alloc(8);
  header.writeUInt8(AF_INET);
  const request = message(RTM_GETADDR, NLM_F_DUMP, header);
  const answers = send(nl, { doing: "list addresses", object: "addresses", message: "RTM_GETADDR" }, [
    request,
  ]);
  return answers.flatMap(({ body }) => {
    const attributes = attributesOf(body.subarray(8));
    // On a point-to-point link IFA_ADDRESS is the other side's.
    const bytes = attributes.get(IFA_LOCAL) ?? attributes.get(IFA_ADDRESS);
    if (body.readUInt8() !== AF_INET || bytes?.length !== 4) return [];
    const address = formatIpv4(bytes.readUInt32BE());
    return [{ index: body.readUInt32LE(4), address, prefixLength: body.readUInt8(1) }];
  });
}
