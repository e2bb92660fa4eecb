import { NLA_F_NESTED, NLA_TYPE_MASK } from "./constants.ts";

/** Netlink aligns messages and attributes to four bytes. */
const align = (length: number) => (length + 3) & ~3;

/** One attribute: u16 length, u16 type (both of the host's byte order), payload, padding. */
export function attribute(type: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(align(4 + payload.length));
  bytes.writeUInt16LE(4 + payload.length, 0);
  bytes.writeUInt16LE(type, 2);
  bytes.set(payload, 4);
  return bytes;
}

/** An attribute made of attributes; rtnetlink does not ask for the flag, nfnetlink does, both take it. */
export function nested(type: number, attributes: readonly Uint8Array[]): Buffer {
  return attribute(type | NLA_F_NESTED, Buffer.concat(attributes));
}

/** A number in the host's byte order, as rtnetlink wants it (all machines Node runs tspod on are little endian). */
export function u32(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32LE(value >>> 0);
  return attribute(type, payload);
}

export function u8(type: number, value: number): Buffer {
  return attribute(type, Buffer.from([value]));
}

/** A number in network order, as nfnetlink wants it. */
export function be32(type: number, value: number): Buffer {
  const payload = Buffer.alloc(4);
  payload.writeUInt32BE(value >>> 0);
  return attribute(type, payload);
}

/** Text with its terminating zero. */
export function text(type: number, value: string): Buffer {
  return attribute(type, Buffer.from(`${value}\0`));
}

/** Attributes by type; of a repeated type the last. Throws a RangeError when lengths contradict each other. */
export function attributesOf(bytes: Buffer): Map<number, Buffer> {
  return new Map(attributeList(bytes));
}

/** Attributes in order, for lists that repeat one type. */
export function attributeList(bytes: Buffer): [type: number, payload: Buffer][] {
  const list: [number, Buffer][] = [];
  for (let at = 0; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at);
    if (length < 4 || at + length > bytes.length)
      throw new RangeError(`netlink attribute of ${length} bytes`);
    list.push([bytes.readUInt16LE(at + 2) & NLA_TYPE_MASK, bytes.subarray(at + 4, at + length)]);
    at += align(length);
  }
  return list;
}

/** Text up to the first zero. */
export function textOf(payload: Buffer): string {
  const end = payload.indexOf(0);
  return payload.toString("utf8", 0, end < 0 ? payload.length : end);
}
