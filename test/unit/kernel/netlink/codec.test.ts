import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attribute,
  attributeList,
  attributesOf,
  nested,
  text,
  textOf,
} from "../../../../src/kernel/netlink/attribute.ts";
import { message, messagesOf, numbered } from "../../../../src/kernel/netlink/message.ts";

describe("attributes", () => {
  it("come back as they were written, whatever their length", () => {
    const list = fc.array(fc.tuple(fc.integer({ min: 0, max: 0x3fff }), fc.uint8Array({ maxLength: 40 })));
    fc.assert(
      fc.property(list, (attributes) => {
        const encoded = Buffer.concat(attributes.map(([type, payload]) => attribute(type, payload)));
        expect(encoded.length % 4).toBe(0);
        expect(attributeList(encoded)).toEqual(attributes.map(([type, p]) => [type, Buffer.from(p)]));
      }),
    );
  });

  it("lose their flags when read", () => {
    expect([...attributesOf(nested(18, [text(1, "veth")])).keys()]).toEqual([18]);
  });

  it("with a length beyond the buffer or below their own header are refused", () => {
    expect(() => attributesOf(Buffer.from([9, 0, 1, 0, 0, 0, 0, 0]))).toThrow(/attribute of 9 bytes/);
    expect(() => attributesOf(Buffer.from([3, 0, 1, 0]))).toThrow(/attribute of 3 bytes/);
  });

  it("never make the decoder read outside, whatever the kernel would send", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        try {
          attributeList(Buffer.from(noise));
          messagesOf(Buffer.from(noise));
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          expect(String(error)).toMatch(/netlink (attribute|message)/);
        }
      }),
    );
  });

  it("of text end at the first zero", () => {
    expect(textOf(Buffer.from("eth0\0\0"))).toBe("eth0");
    expect(textOf(Buffer.from("eth0"))).toBe("eth0");
  });
});

describe("messages", () => {
  it("are numbered in order and decoded without acknowledgements and the end of a dump", () => {
    const body = Buffer.from([1, 2, 3, 4]);
    const all = numbered(
      [message(16, 4, body), message(2, 0, body), message(3, 0, body), message(20, 0, body)],
      7,
    );
    expect(messagesOf(all).map(({ type, sequence, body: b }) => [type, sequence, [...b]])).toEqual([
      [16, 7, [1, 2, 3, 4]],
      [20, 10, [1, 2, 3, 4]],
    ]);
  });
});
