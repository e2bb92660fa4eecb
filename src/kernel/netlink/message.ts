import { NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR } from "./constants.ts";

const headerLength = 16;

/** A decoded message: what follows the header, whole. */
export interface Message {
  type: number;
  flags: number;
  sequence: number;
  body: Buffer;
}

/**
 * One request: header (u32 length, u16 type, u16 flags, u32 sequence, u32 port), the family's fixed part and
 * attributes. The sequence number is 0 until `numbered`.
 */
export function message(
  type: number,
  flags: number,
  fixed: Uint8Array,
  attributes: readonly Uint8Array[] = [],
): Buffer {
  const body = Buffer.concat([fixed, ...attributes]);
  // Fixed parts and attributes are multiples of four bytes, so messages can follow each other without padding.
  const bytes = Buffer.alloc(headerLength + body.length);
  bytes.writeUInt32LE(bytes.length, 0);
  bytes.writeUInt16LE(type, 4);
  bytes.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  body.copy(bytes, headerLength);
  return bytes;
}

/** One buffer of the messages, numbered from `first`, so that each answer names its request. */
export function numbered(messages: readonly Buffer[], first: number): Buffer {
  const bytes = Buffer.concat(messages);
  let at = 0;
  messages.forEach((one, index) => {
    bytes.writeUInt32LE((first + index) >>> 0, at + 8);
    at += one.length;
  });
  return bytes;
}

/** The messages of an answer, without acknowledgements and the end of a dump. Throws a RangeError on a cut message. */
export function messagesOf(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at + headerLength <= bytes.length; ) {
    const length = bytes.readUInt32LE(at);
    if (length < headerLength || at + length > bytes.length) {
      throw new RangeError(`netlink message of ${length} bytes`);
    }
    const type = bytes.readUInt16LE(at + 4);
    if (type !== NLMSG_ERROR && type !== NLMSG_DONE) {
      messages.push({
        type,
        flags: bytes.readUInt16LE(at + 6),
        sequence: bytes.readUInt32LE(at + 8),
        body: bytes.subarray(at + headerLength, at + length),
      });
    }
    at += (length + 3) & ~3;
  }
  return messages;
}
