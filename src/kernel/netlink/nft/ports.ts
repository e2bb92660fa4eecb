import { ExitCode, TspodError } from "../../../errors/tspod-error.ts";
import { formatIpv4 } from "../../../net/ipv4.ts";
import type { PortMapping } from "../../../plan/host-op.ts";
import { attributeList, attributesOf } from "../attribute.ts";
import { conntrackForget } from "../conntrack-forget.ts";
import { NLM_F_ACK, NLM_F_CREATE } from "../constants.ts";
import { failedWith } from "../failure.ts";
import { type Netlink, send } from "../netlink.ts";
import {
  NFT_MSG_DELSETELEM,
  NFT_MSG_GETSETELEM,
  NFT_MSG_NEWSETELEM,
  NFTA_DATA_VALUE,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
} from "./constants.ts";
import { type Element, elementMessage, isEveryAddress, portElement } from "./element.ts";
import { batch } from "./nft-message.ts";

/**
 * Publishes a pod's ports, all or none. A port that this pod has already is fine; one that another has is an
 * error that names both (EEXIST).
 */
export function nftPortsAdd(nl: Netlink, table: string, ports: readonly PortMapping[]): void {
  if (ports.length === 0) return;
  const flags = NLM_F_ACK | NLM_F_CREATE;
  const messages = ports.map((port) => {
    const { map, key, data } = portElement(port);
    return elementMessage({ type: NFT_MSG_NEWSETELEM, flags, table, set: map }, [{ key, data }]);
  });
  const purpose = {
    doing: `publish ${ports.map(describePort).join(", ")} in table ip ${table}`,
    object: table,
    message: "NFT_MSG_NEWSETELEM",
  };
  try {
    send(nl, purpose, batch(messages));
  } catch (error) {
    // The kernel says EBUSY for a key that maps to something else.
    if (!failedWith(error, "EEXIST", "EBUSY")) throw error;
    throw clash(nl, table, ports, error);
  }
  conntrackForget(nl, "added", ports);
}

/**
 * Takes back what `nftPortsAdd` published. Only elements that still point to this pod are removed: the undo of
 * an addition that failed because of another pod's port must not take that one's away.
 */
export function nftPortsDelete(nl: Netlink, table: string, ports: readonly PortMapping[]): void {
  const own = ports.map(portElement).filter((element) => published(nl, table, element)?.equals(element.data));
  if (own.length === 0) return;
  const messages = own.map(({ map, key }) =>
    elementMessage({ type: NFT_MSG_DELSETELEM, flags: NLM_F_ACK, table, set: map }, [{ key }]),
  );
  const purpose = {
    doing: `withdraw ${ports.map(describePort).join(", ")} from table ip ${table}`,
    object: table,
    message: "NFT_MSG_DELSETELEM",
  };
  try {
    send(nl, purpose, batch(messages));
  } catch (error) {
    // Somebody else undid the same pod meanwhile; the transaction has no other way to fail so.
    if (!failedWith(error, "ENOENT")) throw error;
  }
  conntrackForget(nl, "removed", ports);
}

/** Where a port leads now: address and port as the map holds them, undefined if it is free. */
function published(nl: Netlink, table: string, element: Element): Buffer | undefined {
  const request = elementMessage({ type: NFT_MSG_GETSETELEM, flags: NLM_F_ACK, table, set: element.map }, [
    { key: element.key },
  ]);
  try {
    const purpose = {
      doing: `look up a port in table ip ${table}`,
      object: table,
      message: "NFT_MSG_GETSETELEM",
    };
    const answers = send(nl, purpose, [request]);
    return answers.flatMap(({ body }) => elementsOf(body)).find(({ key }) => key.equals(element.key))?.data;
  } catch (error) {
    if (failedWith(error, "ENOENT")) return undefined;
    throw error;
  }
}

function elementsOf(body: Buffer): { key: Buffer; data: Buffer }[] {
  const list = attributesOf(body.subarray(4)).get(NFTA_SET_ELEM_LIST_ELEMENTS);
  if (list === undefined) return [];
  return attributeList(list).map(([, element]) => {
    const attributes = attributesOf(element);
    const value = (type: number) =>
      attributesOf(attributes.get(type) ?? Buffer.alloc(0)).get(NFTA_DATA_VALUE) ?? Buffer.alloc(0);
    return { key: value(NFTA_SET_ELEM_KEY), data: value(NFTA_SET_ELEM_DATA) };
  });
}

function clash(nl: Netlink, table: string, ports: readonly PortMapping[], cause: unknown): TspodError {
  const taken = ports.flatMap((port) => {
    const element = portElement(port);
    const data = published(nl, table, element);
    if (data === undefined || data.equals(element.data)) return [];
    return [`${describeHostPort(port)} leads to ${formatIpv4(data.readUInt32BE())}:${data.readUInt16BE(4)}`];
  });
  return new TspodError({
    code: "TS3104",
    message: `a hostPort is in use by another pod: ${taken.join(", ") || ports.map(describeHostPort).join(", ")}`,
    hint: "`tspod ps -o wide` shows whose address that is; stop that pod or choose another hostPort",
    exitCode: ExitCode.conflict,
    errno: "EEXIST",
    syscall: "netlink NFT_MSG_NEWSETELEM",
    path: table,
    cause,
  });
}

function describeHostPort({ protocol, hostIP, hostPort }: PortMapping): string {
  return `${isEveryAddress(hostIP) ? "" : `${hostIP}:`}${hostPort}/${protocol.toLowerCase()}`;
}

function describePort(port: PortMapping): string {
  return `${describeHostPort(port)} -> ${port.podIP}:${port.containerPort}`;
}
