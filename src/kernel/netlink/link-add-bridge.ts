import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { podMac } from "../../net/mac.ts";
import { addressAdd } from "./address-add.ts";
import { addresses } from "./addresses.ts";
import { attribute, nested, text, u32 } from "./attribute.ts";
import {
  IFLA_ADDRESS,
  IFLA_IFNAME,
  IFLA_INFO_KIND,
  IFLA_LINKINFO,
  IFLA_MTU,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_NEWLINK,
} from "./constants.ts";
import { failedWith } from "./failure.ts";
import { type Link, linkGet } from "./link-get.ts";
import { kind, linkHeader, noLinkLocalMessage, upMessage } from "./link-message.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";
import { routes } from "./routes.ts";
import { sendWithoutIpv6 } from "./without-ipv6.ts";

/**
 * A bridge with its address, up. One that is there already with this address is fine, also one that another
 * command is making at this moment; one with another address is not ours and an error.
 *
 * Its hardware address is fixed and follows from its address: the kernel's own choice would be the lowest of
 * its ports' and change as pods come and go, under the pods' ARP caches. Its MTU is that of the link with the
 * default route unless given: what leaves the host then leaves the pod whole.
 */
export function linkAddBridge(
  nl: Netlink,
  init: { name: string; address: string; prefixLength: number; mtu?: number },
): void {
  const { name, address, prefixLength } = init;
  const there = linkGet(nl, name);
  if (there !== undefined && isReady(nl, there, init)) return;
  const mtu = init.mtu ?? defaultMtu(nl);
  const create = message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, linkHeader(), [
    text(IFLA_IFNAME, name),
    attribute(IFLA_ADDRESS, podMac(address)),
    ...(mtu === undefined ? [] : [u32(IFLA_MTU, mtu)]),
    nested(IFLA_LINKINFO, [kind(IFLA_INFO_KIND, "bridge")]),
  ]);
  const purpose = { doing: `create bridge ${name}`, object: name, message: "RTM_NEWLINK" };
  try {
    if (there === undefined) send(nl, purpose, [create]);
  } catch (error) {
    if (!failedWith(error, "EEXIST")) throw error;
  }
  addressAdd(nl, { link: name, address, prefixLength });
  sendWithoutIpv6(nl, purpose, noLinkLocalMessage(name), [upMessage(name)]);
}

function isReady(
  nl: Netlink,
  link: Link,
  init: { name: string; address: string; prefixLength: number },
): boolean {
  if (link.kind !== "bridge")
    throw foreign(init.name, `it is a ${link.kind || "physical"} link, not a bridge`);
  const own = addresses(nl).filter(({ index }) => index === link.index);
  if (own.some((a) => a.address === init.address && a.prefixLength === init.prefixLength)) return link.up;
  const other = own[0];
  if (other === undefined) return false;
  throw foreign(
    init.name,
    `it has the address ${other.address}/${other.prefixLength}, not ${init.address}/${init.prefixLength}`,
  );
}

function foreign(name: string, reason: string): TspodError {
  return new TspodError({
    code: "TS4211",
    message: `the host has a link ${name} that tspod did not make: ${reason}`,
    hint: `rename or remove it (\`ip link show ${name}\`)`,
    exitCode: ExitCode.conflict,
    errno: "EEXIST",
    syscall: "netlink RTM_NEWLINK",
    path: name,
  });
}

function defaultMtu(nl: Netlink): number | undefined {
  const out = new Set(routes(nl).flatMap((r) => (r.prefixLength === 0 && r.index !== 0 ? [r.index] : [])));
  const sizes = [...out].flatMap((index) => linkGet(nl, index)?.mtu ?? []);
  return sizes.length === 0 ? undefined : Math.min(...sizes);
}
