import { netlinkFailure } from "./failure.ts";
import { linkGet } from "./link-get.ts";
import type { Netlink, Purpose } from "./netlink.ts";

/** The index of a link that has to be there; ENODEV, with the purpose named, if it is not. */
export function linkIndex(nl: Netlink, name: string, purpose: Purpose): number {
  const link = linkGet(nl, name);
  if (link !== undefined) return link.index;
  throw netlinkFailure(Object.assign(new Error(`no link ${name}`), { code: "ENODEV" }), purpose);
}
