import { expect, it } from "vitest";
import { printable } from "../../../src/cli/render/printable.ts";

it.each([
  ["plain text\n", "plain text"],
  ["two\n\tlines", "two\n\tlines"],
  ["\u001b[2Jgone", "^[[2Jgone"],
  ["over\rwritten", "over\\rwritten"],
  ["bell\u0007 null\u0000 del\u007f", "bell^G null^@ del^?"],
  ["csi\u009b31m", "csi\\x9b31m"],
  ["grün €", "grün €"],
])("%j is shown as %j", (text, shown) => {
  expect(printable(text)).toBe(shown);
});
