import { describe, expect, it } from "vitest";
import { decodeStatus, encodeRequest, frame, unframe } from "../../../../src/pod/handler/health-message.ts";

const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("a request", () => {
  it("names its service, or nothing", () => {
    expect(encodeRequest("")).toEqual(hex(""));
    expect(encodeRequest("db")).toEqual(hex("0a 02 6462"));
    expect(encodeRequest("x".repeat(128)).subarray(0, 3)).toEqual(hex("0a 8001"));
    const long = encodeRequest("x".repeat(300));
    expect(long.subarray(0, 3)).toEqual(hex("0a ac02"));
    expect(long).toHaveLength(303);
  });

  it("is framed with its length, uncompressed", () => {
    expect(frame(hex("0a026462"))).toEqual(hex("00 00000004 0a026462"));
  });
});

describe("a reply", () => {
  it.each([
    ["08 01", 1],
    ["08 02", 2],
    ["", 0],
    // A field this version does not know, of each wire type, before the status.
    ["10 ac02 08 01", 1],
    ["19 0102030405060708 08 01", 1],
    ["22 03 010203 08 01", 1],
    ["25 01020304 08 01", 1],
    // The last one counts.
    ["08 02 08 01", 1],
    // Cut off, and not protobuf at all.
    ["08", 0],
    ["0b", 0],
    ["22 ff", 0],
  ])("%s has status %i", (bytes, status) => {
    expect(decodeStatus(hex(bytes))).toBe(status);
  });

  it("is taken out of its frame when it is whole and not compressed", () => {
    expect(unframe(hex("00 00000002 0801"))).toEqual(hex("0801"));
    expect(unframe(hex("00 00000002 08"))).toEqual(hex(""));
    expect(unframe(hex("01 00000002 0801"))).toEqual(hex(""));
    expect(unframe(hex("00 00"))).toEqual(hex(""));
  });
});
