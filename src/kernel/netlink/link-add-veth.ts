import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { hostEndMac, podMac } from "../../net/mac.ts";
import { attribute, nested, text, u8, u32 } from "./attribute.ts";
import {
  IFLA_ADDRESS,
  IFLA_BRPORT_MODE,
  IFLA_IFNAME,
  IFLA_INFO_DATA,
  IFLA_INFO_KIND,
  IFLA_INFO_SLAVE_DATA,
  IFLA_INFO_SLAVE_KIND,
  IFLA_LINKINFO,
  IFLA_MASTER,
  IFLA_MTU,
  IFLA_NET_NS_FD,
  IFLA_NET_NS_PID,
  NLM_F_ACK,
  NLM_F_CREATE,
  NLM_F_EXCL,
  RTM_NEWLINK,
  VETH_INFO_PEER,
} from "./constants.ts";
import { linkGet } from "./link-get.ts";
import { kind, linkHeader, noLinkLocalMessage, upMessage } from "./link-message.ts";
import { message } from "./message.ts";
import { type Netlink, send } from "./netlink.ts";
import { sendWithoutIpv6 } from "./without-ipv6.ts";

export interface VethInit {
  /** The host's end, which becomes a port of `bridge` and is up afterwards. */
  name: string;
  bridge: string;
  /** The pod's end, `eth0`; it is born in the pod's network namespace and cannot be born up. */
  peer: string;
  /** The pod's address, from which both hardware addresses follow. */
  podAddress: string;
  /** The pod's network namespace: a process that cannot be reaped meanwhile, or an nsfs descriptor. */
  netns: { pid: number } | { fd: number };
}

/**
 * A veth pair between bridge and pod. Its size is the bridge's. A name that is in use is an error: names
 * follow from the pod's uid, so it is the pod's own old link, which goes with its old namespace.
 */
export function linkAddVeth(nl: Netlink, init: VethInit): void {
  const { name, bridge, peer, podAddress } = init;
  const master = linkGet(nl, bridge);
  if (master === undefined) throw noBridge(name, bridge);
  const netns =
    "pid" in init.netns ? u32(IFLA_NET_NS_PID, init.netns.pid) : u32(IFLA_NET_NS_FD, init.netns.fd);
  const pod = Buffer.concat([
    linkHeader(),
    text(IFLA_IFNAME, peer),
    attribute(IFLA_ADDRESS, podMac(podAddress)),
    u32(IFLA_MTU, master.mtu),
    netns,
  ]);
  const create = message(RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, linkHeader(), [
    text(IFLA_IFNAME, name),
    attribute(IFLA_ADDRESS, hostEndMac(podAddress)),
    u32(IFLA_MTU, master.mtu),
    u32(IFLA_MASTER, master.index),
    nested(IFLA_LINKINFO, [
      kind(IFLA_INFO_KIND, "veth"),
      nested(IFLA_INFO_DATA, [attribute(VETH_INFO_PEER, pod)]),
    ]),
  ]);
  const purpose = {
    doing: `create veth pair ${name} - ${peer} on ${bridge}`,
    object: name,
    message: "RTM_NEWLINK",
  };
  send(nl, purpose, [create]);
  sendWithoutIpv6(nl, { ...purpose, doing: `bring up link ${name}` }, noLinkLocalMessage(name), [
    hairpinMessage(name),
    upMessage(name),
  ]);
}

/**
 * Lets a frame leave by the port it came in on. Where br_netfilter is on (hosts of container engines), a pod's
 * packet to its own hostPort is translated inside the bridge and has to come back to the same pod.
 */
function hairpinMessage(name: string): Buffer {
  return message(RTM_NEWLINK, NLM_F_ACK, linkHeader(), [
    text(IFLA_IFNAME, name),
    nested(IFLA_LINKINFO, [
      kind(IFLA_INFO_SLAVE_KIND, "bridge"),
      nested(IFLA_INFO_SLAVE_DATA, [u8(IFLA_BRPORT_MODE, 1)]),
    ]),
  ]);
}

function noBridge(name: string, bridge: string): TspodError {
  return new TspodError({
    code: "TS4212",
    message: `cannot create veth pair ${name}: the bridge ${bridge} is gone: ENODEV (netlink RTM_GETLINK)`,
    hint: "something else removed it; `tspod gc` tidies up",
    exitCode: ExitCode.hostNotAble,
    errno: "ENODEV",
    syscall: "netlink RTM_GETLINK",
    path: bridge,
  });
}
