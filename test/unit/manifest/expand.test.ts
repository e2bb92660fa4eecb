import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { expand, references } from "../../../src/manifest/index.ts";

const variables = new Map([
  ["A", "1"],
  ["EMPTY", ""],
  ["OTHER", "$(A)"],
  ["with space", "s"],
]);

describe("$(VAR) expansion", () => {
  it.each([
    ["$(A)", "1"],
    ["x$(A)y$(A)z", "x1y1z"],
    ["$(EMPTY)", ""],
    ["$(MISSING)", "$(MISSING)"],
    ["$$(A)", "$(A)"],
    ["$$$(A)", "$1"],
    ["$$$$(A)", "$$(A)"],
    ["$$", "$"],
    ["$", "$"],
    ["a$", "a$"],
    ["$A", "$A"],
    [`$${"{A}"}`, `$${"{A}"}`],
    ["$(A", "$(A"],
    ["$(", "$("],
    ["$()", "$()"],
    ["$(A)$(", "1$("],
    ["$(OTHER)", "$(A)"],
    ["$(with space)", "s"],
    ["$(A$(A))", "$(A$(A))"],
    ["", ""],
  ])("%j becomes %j", (text, expected) => {
    expect(expand(text, variables)).toBe(expected);
  });

  it("leaves a text without dollars as it is", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const plain = text.replaceAll("$", "");
        expect(expand(plain, variables)).toBe(plain);
      }),
    );
  });

  it("gives back any text whose dollars are doubled", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom("$", "(", ")", "A", "x") }), (text) => {
        expect(expand(text.replaceAll("$", "$$$$"), variables)).toBe(text);
      }),
    );
  });

  it("names what a text refers to", () => {
    expect(references("$(A)/$(B)$$(C)/$(A)")).toEqual(["A", "B"]);
  });
});
