import { ipv4Bytes } from "../../../net/ipv4.ts";
import type { PortMapping } from "../../../plan/host-op.ts";
import { attribute, nested, text } from "../attribute.ts";
import {
  IPPROTO_TCP,
  IPPROTO_UDP,
  NFTA_DATA_VALUE,
  NFTA_LIST_ELEM,
  NFTA_SET_ELEM_DATA,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
} from "./constants.ts";
import { nftMessage } from "./nft-message.ts";

/** Published on every address of the host: `inet_proto . inet_service : ipv4_addr . inet_service`. */
export const anyAddressMap = "ports";
/** Published on one address: the same with `ipv4_addr` before it. */
export const oneAddressMap = "host_ports";

export interface Element {
  map: string;
  key: Buffer;
  data: Buffer;
}

/** An element of the map that a port belongs in. Each field of a concatenation takes four bytes. */
export function portElement({ protocol, hostIP, hostPort, podIP, containerPort }: PortMapping): Element {
  const protocolAndPort = Buffer.concat([
    Buffer.from([protocol === "TCP" ? IPPROTO_TCP : IPPROTO_UDP, 0, 0, 0]),
    port(hostPort),
  ]);
  const every = isEveryAddress(hostIP);
  return {
    map: every ? anyAddressMap : oneAddressMap,
    key: every ? protocolAndPort : Buffer.concat([ipv4Bytes(hostIP), protocolAndPort]),
    data: Buffer.concat([ipv4Bytes(podIP), port(containerPort)]),
  };
}

export function isEveryAddress(hostIP: string): boolean {
  return hostIP === "" || hostIP === "0.0.0.0";
}

/** NEWSETELEM, GETSETELEM or DELSETELEM of elements of one map or set. */
export function elementMessage(
  init: { type: number; flags: number; table: string; set: string },
  elements: readonly { key: Buffer; data?: Buffer }[],
): Buffer {
  const value = (type: number, bytes: Buffer) => nested(type, [attribute(NFTA_DATA_VALUE, bytes)]);
  return nftMessage(init.type, init.flags, [
    text(NFTA_SET_ELEM_LIST_TABLE, init.table),
    text(NFTA_SET_ELEM_LIST_SET, init.set),
    nested(
      NFTA_SET_ELEM_LIST_ELEMENTS,
      elements.map(({ key, data }) =>
        nested(NFTA_LIST_ELEM, [
          value(NFTA_SET_ELEM_KEY, key),
          ...(data === undefined ? [] : [value(NFTA_SET_ELEM_DATA, data)]),
        ]),
      ),
    ),
  ]);
}

function port(number: number): Buffer {
  return Buffer.from([number >> 8, number & 0xff, 0, 0]);
}
