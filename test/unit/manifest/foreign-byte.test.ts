import { expect, it } from "vitest";
import { foreignByte, markForeignByte } from "../../../src/manifest/yaml/foreign-byte.ts";

const marked = (...bytes: (string | number)[]) =>
  foreignByte(
    markForeignByte(Buffer.concat(bytes.map((one) => Buffer.from(typeof one === "string" ? one : [one])))),
  );

it.each([
  ["in the midst of text", ["gr", 0xfc, "n"], "0xFC", 2],
  ["behind other characters", ["漢🙂", 0xe9], "0xE9", 3],
  ["behind the character that stands for such bytes", ["\ufffd", 0xff], "0xFF", 1],
  ["where a character breaks off", ["a", 0xe6, 0xbc], "0xE6", 1],
])("a byte that is no UTF-8 is named with its place: %s", (_, bytes, name, start) => {
  const fault = marked(...bytes);
  expect([fault?.message, fault?.span.start]).toEqual([
    `this is not UTF-8: the byte ${name} stands here`,
    start,
  ]);
});

it("what is UTF-8 has none", () => {
  expect(foreignByte("grün 漢 🙂 \ufffd")).toBeUndefined();
});
