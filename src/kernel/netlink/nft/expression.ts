import { attribute, be32, nested, text } from "../attribute.ts";
import {
  NFT_GOTO,
  NFTA_DATA_VALUE,
  NFTA_DATA_VERDICT,
  NFTA_EXPR_DATA,
  NFTA_EXPR_NAME,
  NFTA_LIST_ELEM,
  NFTA_VERDICT_CHAIN,
  NFTA_VERDICT_CODE,
} from "./constants.ts";

/**
 * The kernel's expressions: each is a small machine's instruction on registers. Register 0 is the verdict,
 * 1 to 4 have 16 bytes, 8 to 23 are the same memory in 4 bytes each (so 8 is the first quarter of 1).
 */
export const REG_1 = 1;
export const REG32_01 = 9;
export const REG32_02 = 10;

function expression(name: string, attributes: readonly Buffer[]): Buffer {
  return nested(NFTA_LIST_ELEM, [text(NFTA_EXPR_NAME, name), nested(NFTA_EXPR_DATA, attributes)]);
}

const value = (type: number, bytes: Uint8Array) => nested(type, [attribute(NFTA_DATA_VALUE, bytes)]);

/** A link's name as a register holds it. */
export function linkName(name: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(name, 0, 15, "utf8");
  return bytes;
}

export function hostOrder32(number: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(number);
  return bytes;
}

const metaKeys = { iifname: 6, oifname: 7, l4proto: 16 } as const;

export function meta(key: keyof typeof metaKeys, register = REG_1): Buffer {
  return expression("meta", [be32(1, register), be32(2, metaKeys[key])]);
}

const payloadBases = { network: 1, transport: 2 } as const;

/** Loads `length` bytes of a packet's header. */
export function payload(
  base: keyof typeof payloadBases,
  offset: number,
  length: number,
  register = REG_1,
): Buffer {
  return expression("payload", [
    be32(1, register),
    be32(2, payloadBases[base]),
    be32(3, offset),
    be32(4, length),
  ]);
}

/** Goes on with the next expression if the register's first bytes are (`!=`: are not) these. */
export function compare(operator: "==" | "!=", bytes: Uint8Array): Buffer {
  return expression("cmp", [be32(1, REG_1), be32(2, operator === "==" ? 0 : 1), value(3, bytes)]);
}

const ctKeys = { state: 0, status: 2 } as const;

export function conntrack(key: keyof typeof ctKeys): Buffer {
  return expression("ct", [be32(1, REG_1), be32(2, ctKeys[key])]);
}

/** Keeps those bits (host byte order) of the register. */
export function bitAnd(mask: number): Buffer {
  return expression("bitwise", [
    be32(1, REG_1),
    be32(2, REG_1),
    be32(3, 4),
    value(4, hostOrder32(mask)),
    value(5, hostOrder32(0)),
  ]);
}

/** The type of the destination address by the routing table, as RTN_*. */
export function destinationType(): Buffer {
  const addressType = 3;
  const daddr = 2;
  return expression("fib", [be32(1, REG_1), be32(2, addressType), be32(3, daddr)]);
}

/** Goes on if the register's content is in the set. */
export function inSet(name: string, id: number): Buffer {
  return expression("lookup", [text(1, name), be32(2, REG_1), be32(4, id)]);
}

/** Goes on if the register's content is in the map, with what it maps to in its place. */
export function mapped(name: string, id: number): Buffer {
  return expression("lookup", [text(1, name), be32(2, REG_1), be32(3, REG_1), be32(4, id)]);
}

/** To the address in register 1 and the port in the quarter after it. */
export function destinationNat(): Buffer {
  const dnat = 1;
  const family = 2;
  return expression("nat", [
    be32(1, dnat),
    be32(2, family),
    be32(3, REG_1),
    be32(4, REG_1),
    be32(5, REG32_01),
    be32(6, REG32_01),
  ]);
}

export function masquerade(): Buffer {
  return expression("masq", []);
}

/** NF_ACCEPT, NF_DROP, or (with `chain`) NFT_GOTO. */
export function verdict(code: number, chain?: string): Buffer {
  return expression("immediate", [
    be32(1, 0),
    nested(2, [
      nested(NFTA_DATA_VERDICT, [
        be32(NFTA_VERDICT_CODE, code),
        ...(chain === undefined ? [] : [text(NFTA_VERDICT_CHAIN, chain)]),
      ]),
    ]),
  ]);
}

export function goTo(chain: string): Buffer {
  return verdict(NFT_GOTO, chain);
}
