import { readFileSync, writeFileSync } from "node:fs";
import { hasCode } from "../../../errors/errno.ts";
import { attributeList, attributesOf, text, textOf } from "../attribute.ts";
import { NLM_F_ACK, NLM_F_CREATE, NLM_F_DUMP } from "../constants.ts";
import { failedWith } from "../failure.ts";
import { type Netlink, send } from "../netlink.ts";
import {
  NFT_MSG_DELSETELEM,
  NFT_MSG_GETSETELEM,
  NFT_MSG_GETTABLE,
  NFT_MSG_NEWSETELEM,
  NFTA_DATA_VALUE,
  NFTA_SET_ELEM_KEY,
  NFTA_SET_ELEM_LIST_ELEMENTS,
  NFTA_SET_ELEM_LIST_SET,
  NFTA_SET_ELEM_LIST_TABLE,
  NFTA_TABLE_NAME,
} from "./constants.ts";
import { elementMessage } from "./element.ts";
import { linkName } from "./expression.ts";
import { batch, nftMessage } from "./nft-message.ts";
import { uplinkSet } from "./table-rules.ts";

/** In the set of a table whose last pod is going; no link can have a name with a slash. */
const closing = "/closing";

/** Links that tspods on this host, of whatever root, have made to forward: by their tables' names. */
export function uplinksByTable(nl: Netlink): Map<string, string[]> {
  return new Map(
    tspodTables(nl).map((table) => [table, namesIn(nl, table).filter((name) => name !== closing)]),
  );
}

/** Adds links to a table that is there; those it names already are fine. */
export function uplinksName(nl: Netlink, table: string, links: readonly string[]): void {
  if (links.length === 0) return;
  // Looking first: a transaction that fails makes the kernel wait for a grace period (5 to 25 ms).
  const names = namesIn(nl, table);
  const missing = links.filter((link) => !names.includes(link));
  // Left by a teardown that was cut short.
  if (names.includes(closing)) changeSet(nl, table, NFT_MSG_DELSETELEM, [closing]);
  if (missing.length > 0) changeSet(nl, table, NFT_MSG_NEWSETELEM, missing);
}

/**
 * Switches forwarding off again on a table's uplinks, which did not forward before it. A link that another tspod
 * needs is left to that one, and all are left while the host is a router as a whole: a container engine that was
 * started meanwhile has made it one and relies on it.
 *
 * Roots know no common lock. Of two that close at once, each says so before it looks, and so at least one sees
 * nobody else. One that opens names its links before it switches them on, so looking once more after switching
 * off finds it, or it switches on after us.
 */
export function uplinksClose(nl: Netlink, table: string): void {
  const own = namesIn(nl, table).filter((name) => name !== closing);
  if (own.length === 0 || readFileSync("/proc/sys/net/ipv4/ip_forward", "latin1").trim() === "1") return;
  changeSet(nl, table, NFT_MSG_NEWSETELEM, [closing]);
  const needed = neededBesides(nl, table);
  const closed = own.filter((link) => !needed.has(link));
  for (const link of closed) setForwarding(link, "0");
  const neededNow = neededBesides(nl, table);
  for (const link of closed.filter((name) => neededNow.has(name))) setForwarding(link, "1");
}

function neededBesides(nl: Netlink, table: string): Set<string> {
  const others = tspodTables(nl).filter((name) => name !== table);
  return new Set(
    others.map((other) => namesIn(nl, other)).flatMap((names) => (names.includes(closing) ? [] : names)),
  );
}

function setForwarding(link: string, value: string): void {
  try {
    writeFileSync(`/proc/sys/net/ipv4/conf/${link}/forwarding`, value);
  } catch (error) {
    // The link is gone, and its sysctls with it.
    if (!hasCode(error, "ENOENT")) throw error;
  }
}

function changeSet(nl: Netlink, table: string, type: number, names: readonly string[]): void {
  const flags = type === NFT_MSG_NEWSETELEM ? NLM_F_ACK | NLM_F_CREATE : NLM_F_ACK;
  const elements = names.map((name) => ({ key: linkName(name) }));
  const message = type === NFT_MSG_NEWSETELEM ? "NFT_MSG_NEWSETELEM" : "NFT_MSG_DELSETELEM";
  const purpose = { doing: `change the uplinks of table ip ${table}`, object: table, message };
  try {
    send(nl, purpose, batch([elementMessage({ type, flags, table, set: uplinkSet }, elements)]));
  } catch (error) {
    if (type === NFT_MSG_NEWSETELEM || !failedWith(error, "ENOENT")) throw error;
  }
}

function tspodTables(nl: Netlink): string[] {
  const purpose = { doing: "list nftables tables", object: "tables", message: "NFT_MSG_GETTABLE" };
  return send(nl, purpose, [nftMessage(NFT_MSG_GETTABLE, NLM_F_DUMP, [])])
    .map(({ body }) => textOf(attributesOf(body.subarray(4)).get(NFTA_TABLE_NAME) ?? Buffer.alloc(0)))
    .filter((name) => /^tspod(_[0-9a-f]{8})?$/.test(name));
}

function namesIn(nl: Netlink, table: string): string[] {
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
