import { readFileSync, writeFileSync } from "node:fs";
import { attributeList, attributesOf, text, textOf } from "../attribute.ts";
import { NLM_F_DUMP } from "../constants.ts";
import { failedWith } from "../failure.ts";
import { type Netlink, send } from "../netlink.ts";
import {
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETTABLE,
  NFTA_DATA_VALUE,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_TABLE_NAME,
} from "./constants.ts";
import { nftMessage } from "./nft-message.ts";
import { uplinkSet } from "./table-rules.ts";

/** Links that tspods on this host, of whatever root, have made to forward: by their tables' names. */
export function uplinksByTable(nl: Netlink): Map<string, string[]> {
  return new Map(tspodTables(nl).map((table) => [table, uplinksOf(nl, table)]));
}

/**
 * Switches forwarding off again on a table's uplinks, which did not forward before it. A link that another tspod
 * needs is left to that one, and all are left while the host is a router as a whole: a container engine that was
 * started meanwhile has made it one and relies on it.
 */
export function uplinksClose(nl: Netlink, table: string): void {
  const own = uplinksOf(nl, table);
  if (own.length === 0 || readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim() === "1") return;
  const others = new Set([...uplinksByTable(nl)].flatMap(([name, links]) => (name === table ? [] : links)));
  for (const link of own.filter((name) => !others.has(name))) {
    try {
      writeFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, "0");
    } catch (error) {
      // The link is gone, and its sysctls with it.
      if (!(error instanceof Error) || !("code" in error) || error.code !== "ENOENT") throw error;
    }
  }
}

function tspodTables(nl: Netlink): string[] {
  const purpose = { doing: "list nftables tables", object: "tables", message: "NFT_MSG_GETTABLE" };
  return send(nl, purpose, [nftMessage(NFT_MSG_GETTABLE, NLM_F_DUMP, [])])
    .map(({ body }) => textOf(attributesOf(body.subarray(4)).get(NFTA_TABLE_NAME) ?? Buffer.alloc(0)))
    .filter((name) => /^tspod(_[0-9a-f]{8})?$/.test(name));
}

function uplinksOf(nl: Netlink, table: string): string[] {
  const request = nftMessage(NFT_MSG_GETSETELEM, NLM_F_DUMP, [
    text(NFTA_SET_ELEM_LIST_TABLE, table),
    text(NFTA_SET_ELEM_LIST_SET, uplinkSet),
  ]);
  const purpose = {
    doing: `list the uplinks of table ip ${table}`,
    object: table,
    message: "NFT_MSG_GETSETELEM",
  };
  try {
    return send(nl, purpose, [request]).flatMap(({ body }) => {
      const list = attributesOf(body.subarray(4)).get(NFTA_SET_ELEM_LIST_ELEMENTS) ?? Buffer.alloc(0);
      return attributeList(list).map(([, element]) => {
        const key = attributesOf(element).get(NFTA_SET_ELEM_KEY) ?? Buffer.alloc(0);
        return textOf(attributesOf(key).get(NFTA_DATA_VALUE) ?? Buffer.alloc(0));
      });
    });
  } catch (error) {
    // No such table (any more), or one by this name that is not ours.
    if (failedWith(error, "ENOENT")) return [];
    throw error;
  }
}
