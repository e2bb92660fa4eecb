import type { Fault } from "../fault.ts";

/** A byte that is no UTF-8 is 0xDC00 and its value: half a surrogate pair, which no UTF-8 can be decoded to. */
const BASE = 0xdc00;
const MARK = /[\udc80-\udcff]/u;

/**
 * The text of bytes that are not all UTF-8: as decoders have it, with U+FFFD in place of what cannot be decoded, but for
 * the first such byte, which can be told.
 */
export function markForeignByte(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  for (let at = text.indexOf("\ufffd"); at >= 0; at = text.indexOf("\ufffd", at + 1)) {
    const offset = Buffer.byteLength(text.slice(0, at));
    // The character itself may have been written.
    if (bytes.subarray(offset, offset + 3).equals(Buffer.from("\ufffd"))) continue;
    return text.slice(0, at) + String.fromCharCode(BASE + (bytes[offset] ?? 0)) + text.slice(at + 1);
  }
  return text;
}

/** What is to be said of a byte that `markForeignByte` has marked; offsets are those of the text. */
export function foreignByte(text: string): Fault | undefined {
  const found = MARK.exec(text);
  if (found === null) return undefined;
  const byte = (found[0].charCodeAt(0) - BASE).toString(16).toUpperCase();
  return {
    severity: "error",
    code: "TS1101",
    path: "",
    span: { start: found.index, end: found.index + 1 },
    message: `this is not UTF-8: the byte 0x${byte} stands here`,
    help: "save the file as UTF-8; what was written in Latin-1: iconv -f latin1 -t utf-8 FILE",
  };
}
