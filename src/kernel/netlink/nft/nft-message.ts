import { attribute, be32, nested, text } from "../attribute.ts";
import { NLM_F_ACK, NLM_F_APPEND, NLM_F_CREATE, NLM_F_EXCL } from "../constants.ts";
import { message } from "../message.ts";
import {
  NF_ACCEPT,
  NFNL_MSG_BATCH_BEGIN,
  NFNL_MSG_BATCH_END,
  NFNL_SUBSYS_NFTABLES,
  NFPROTO_IPV4,
  NFT_MSG_NEWCHAIN,
  NFT_MSG_NEWRULE,
  NFT_MSG_NEWSET,
  NFT_MSG_NEWTABLE,
  NFT_SET_MAP,
  NFTA_CHAIN_HOOK,
  NFTA_CHAIN_NAME,
  NFTA_CHAIN_POLICY,
  NFTA_CHAIN_TABLE,
  NFTA_CHAIN_TYPE,
  NFTA_HOOK_HOOKNUM,
  NFTA_HOOK_PRIORITY,
  NFTA_RULE_CHAIN,
  NFTA_RULE_EXPRESSIONS,
  NFTA_RULE_TABLE,
  NFTA_SET_DATA_LEN,
  NFTA_SET_DATA_TYPE,
  NFTA_SET_FLAGS,
  NFTA_SET_ID,
  NFTA_SET_KEY_LEN,
  NFTA_SET_KEY_TYPE,
  NFTA_SET_NAME,
  NFTA_SET_TABLE,
  NFTA_SET_USERDATA,
  NFTA_TABLE_NAME,
  NFTA_TABLE_USERDATA,
  TYPE_IFNAME,
} from "./constants.ts";

/** struct nfgenmsg: family, version, and a number of 16 bits in network order. */
export function genHeader(family: number, resource = 0): Buffer {
  return Buffer.from([family, 0, resource >> 8, resource & 0xff]);
}

/** What stands between begin and end is one transaction: all of it happens, or nothing. */
export function batch(messages: readonly Buffer[]): Buffer[] {
  const fixed = genHeader(0, NFNL_SUBSYS_NFTABLES);
  return [message(NFNL_MSG_BATCH_BEGIN, 0, fixed), ...messages, message(NFNL_MSG_BATCH_END, 0, fixed)];
}

/** A message of our family, or another. */
export function nftMessage(
  type: number,
  flags: number,
  attributes: readonly Buffer[],
  family = NFPROTO_IPV4,
): Buffer {
  return message(type, flags, genHeader(family), attributes);
}

/** A new table. `comment` is shown by nft: user data of type 0. EEXIST if it is there. */
export function newTable(name: string, comment: string): Buffer {
  const userData = Buffer.from([0, comment.length + 1, ...Buffer.from(`${comment}\0`)]);
  return nftMessage(NFT_MSG_NEWTABLE, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, [
    text(NFTA_TABLE_NAME, name),
    attribute(NFTA_TABLE_USERDATA, userData),
  ]);
}

export interface Hook {
  type: "filter" | "nat";
  hook: number;
  priority: number;
}

/** A chain; without a hook it is reached by `goto` only. A hooked one accepts what it does not decide. */
export function newChain(table: string, name: string, hook?: Hook): Buffer {
  const base =
    hook === undefined
      ? []
      : [
          text(NFTA_CHAIN_TYPE, hook.type),
          be32(NFTA_CHAIN_POLICY, NF_ACCEPT),
          nested(NFTA_CHAIN_HOOK, [
            be32(NFTA_HOOK_HOOKNUM, hook.hook),
            be32(NFTA_HOOK_PRIORITY, hook.priority),
          ]),
        ];
  return nftMessage(NFT_MSG_NEWCHAIN, NLM_F_ACK | NLM_F_CREATE, [
    text(NFTA_CHAIN_TABLE, table),
    text(NFTA_CHAIN_NAME, name),
    ...base,
  ]);
}

export function newRule(table: string, chain: string, expressions: readonly Buffer[]): Buffer {
  return nftMessage(NFT_MSG_NEWRULE, NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND, [
    text(NFTA_RULE_TABLE, table),
    text(NFTA_RULE_CHAIN, chain),
    nested(NFTA_RULE_EXPRESSIONS, expressions),
  ]);
}

/** A set of link names. `id` names it to rules of the same transaction. */
export function newLinkSet(table: string, name: string, id: number): Buffer {
  // User data 0: the key is in host byte order, so that nft prints it as a name.
  const keyByteOrder = Buffer.from([0, 4, 1, 0, 0, 0]);
  return newSet([
    text(NFTA_SET_TABLE, table),
    text(NFTA_SET_NAME, name),
    be32(NFTA_SET_FLAGS, 0),
    be32(NFTA_SET_KEY_TYPE, TYPE_IFNAME),
    be32(NFTA_SET_KEY_LEN, 16),
    be32(NFTA_SET_ID, id),
    attribute(NFTA_SET_USERDATA, keyByteOrder),
  ]);
}

/** A map between concatenations of nft's datatypes, of which each field takes four bytes. */
export function newMap(
  table: string,
  name: string,
  id: number,
  types: { key: readonly number[]; data: readonly number[] },
): Buffer {
  const packed = (fields: readonly number[]) => fields.reduce((type, field) => (type << 6) | field, 0);
  return newSet([
    text(NFTA_SET_TABLE, table),
    text(NFTA_SET_NAME, name),
    be32(NFTA_SET_FLAGS, NFT_SET_MAP),
    be32(NFTA_SET_KEY_TYPE, packed(types.key)),
    be32(NFTA_SET_KEY_LEN, types.key.length * 4),
    be32(NFTA_SET_DATA_TYPE, packed(types.data)),
    be32(NFTA_SET_DATA_LEN, types.data.length * 4),
    be32(NFTA_SET_ID, id),
  ]);
}

function newSet(attributes: readonly Buffer[]): Buffer {
  return nftMessage(NFT_MSG_NEWSET, NLM_F_ACK | NLM_F_CREATE, attributes);
}
