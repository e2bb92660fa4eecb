import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  milliUnits,
  parseQuantity,
  quantityInUnits,
  readQuantity,
  wholeUnits,
} from "../../../src/manifest/index.ts";
import { roundUpToMilli } from "../../../src/manifest/quantity.ts";

const canonical = (text: string) => formatQuantity(parseQuantity(text));

describe("a quantity", () => {
  it.each([
    ["0", "0"],
    ["-0", "0"],
    ["0Ki", "0"],
    ["1", "1"],
    ["1000", "1k"],
    ["1.5", "1500m"],
    ["1500m", "1500m"],
    ["1000m", "1"],
    ["0.1", "100m"],
    ["100u", "100u"],
    [".5", "500m"],
    ["5.", "5"],
    ["+5", "5"],
    ["-1.5", "-1500m"],
    ["1.5Gi", "1536Mi"],
    ["0.5Gi", "512Mi"],
    ["1024Mi", "1Gi"],
    ["1Ki", "1Ki"],
    ["1000Ki", "1000Ki"],
    ["1023", "1023"],
    ["0.5Ki", "512"],
    ["0.1Ki", "102400m"],
    ["1e3", "1e3"],
    ["12e6", "12e6"],
    ["1E3", "1e3"],
    ["1E", "1E"],
    ["1.2e1", "12"],
    ["100e-3", "100e-3"],
    ["8Ei", "9223372036854775807"],
    ["0.0000000001", "1n"],
    ["-0.0000000001", "-1n"],
    ["128974848", "128974848"],
    ["1000000", "1M"],
  ])("%s is written canonically as %s", (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    ["", "regular expression"],
    ["x", "regular expression"],
    ["1 Gi", "regular expression"],
    ["1,5", "regular expression"],
    ["--1", "regular expression"],
    [".", "regular expression"],
    ["1.2.3", "regular expression"],
    ["64MB", "regular expression"],
    ["64mi", "suffix"],
    ["1e", "suffix"],
    ["1Mi5", "suffix"],
    ["1KK", "suffix"],
    ["1e99999", "numeric"],
  ])("cannot be %j", (text, rule) => {
    expect(readQuantity(text)).toContain(rule);
    expect(() => parseQuantity(text)).toThrowError(`Invalid value: "${text}"`);
  });

  it("rounds up to the unit asked for", () => {
    expect(quantityInUnits("1.5", "one")).toBe(2n);
    expect(quantityInUnits("0.1m", "milli")).toBe(1n);
    expect(quantityInUnits("1Gi", "one")).toBe(1073741824n);
    expect(quantityInUnits("-1.5", "one")).toBe(-2n);
    expect(formatQuantity(roundUpToMilli(parseQuantity("1u")))).toBe("1m");
  });

  const texts = fc
    .tuple(
      fc.constantFrom("", "-", "+"),
      fc.bigInt({ min: 0n, max: 10n ** 15n }),
      fc.option(fc.stringMatching(/^[0-9]{0,6}$/)),
      fc.constantFrom("", "n", "u", "m", "k", "M", "G", "Ki", "Mi", "e3", "E-2", "e+1"),
    )
    .map(
      ([sign, whole, fraction, suffix]) =>
        `${sign}${whole}${fraction === null ? "" : `.${fraction}`}${suffix}`,
    );

  it("keeps its value when it is written canonically and read again", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const first = parseQuantity(text);
        const again = parseQuantity(formatQuantity(first));
        expect(again.nano).toBe(first.nano);
        expect(formatQuantity(again)).toBe(formatQuantity(first));
      }),
    );
  });

  it("is written without a fraction, and with the largest suffix", () => {
    fc.assert(
      fc.property(texts, (text) => {
        const written = canonical(text);
        expect(written).not.toContain(".");
        expect(written).not.toMatch(/000(n|u|m|k|M|G|T|P)?$/);
      }),
    );
  });

  it("adds, compares and rounds as numbers do", () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const [x, y] = [parseQuantity(a), parseQuantity(b)];
        expect(addQuantities(x, y).nano).toBe(x.nano + y.nano);
        expect(compareQuantities(x, y)).toBe(-compareQuantities(y, x) + 0);
        const units = wholeUnits(x) * 10n ** 9n;
        const distance = units > x.nano ? units - x.nano : x.nano - units;
        expect(distance < 10n ** 9n).toBe(true);
        expect(milliUnits(x) * 10n ** 6n >= x.nano || x.nano < 0n).toBe(true);
      }),
    );
  });
});
