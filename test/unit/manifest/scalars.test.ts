import { describe, expect, it } from "vitest";
import { keyText, resolvePlain } from "../../../src/manifest/yaml/scalar.ts";

/** Each scalar as go-yaml 2 reads it below sigs.k8s.io/yaml, which kubectl and the API server use. */
const scalars: [text: string, value: ReturnType<typeof resolvePlain>][] = [
  ["0644", 420n],
  ["0o644", 420n],
  ["0x1F", 31n],
  ["0b101", 5n],
  ["-0b101", -5n],
  ["0", 0n],
  ["00", 0n],
  ["-0", 0n],
  ["+12", 12n],
  ["-12", -12n],
  ["1_000", 1000n],
  ["08", 8],
  ["09.5", 9.5],
  ["0777", 511n],
  ["0888", 888],
  ["9223372036854775807", 9223372036854775807n],
  ["9007199254740993", 9007199254740993n],
  ["18446744073709551615", 18446744073709551615n],
  ["18446744073709551616", 2 ** 64],
  ["-9223372036854775809", -(2 ** 63)],
  ["1.5", 1.5],
  ["1.", 1],
  [".5", 0.5],
  ["-.5", -0.5],
  ["1e3", 1000],
  ["1E-2", 0.01],
  ["1e", "1e"],
  [".", "."],
  ["-", "-"],
  ["+", "+"],
  ["0x", "0x"],
  ["0b2", "0b2"],
  ["1.2.3", "1.2.3"],
  ["2222:22", "2222:22"],
  ["12:30:45", "12:30:45"],
  ["2001-12-14", "2001-12-14"],
  ["2001-12-14T21:59:43Z", "2001-12-14T21:59:43Z"],
  ["500m", "500m"],
  ["1Gi", "1Gi"],
  ["yes", true],
  ["Yes", true],
  ["YES", true],
  ["yEs", "yEs"],
  ["on", true],
  ["y", true],
  ["n", false],
  ["no", false],
  ["off", false],
  ["True", true],
  ["tRUE", "tRUE"],
  ["FALSE", false],
  ["null", null],
  ["Null", null],
  ["~", null],
  ["", null],
  ["nil", "nil"],
  ["none", "none"],
  [".inf", Number.POSITIVE_INFINITY],
  ["-.Inf", Number.NEGATIVE_INFINITY],
  [".nan", Number.NaN],
  ["_1", "_1"],
  ["0o8", "0o8"],
  ["hello", "hello"],
];

describe("a plain scalar", () => {
  it.each(scalars)("%s is what kubectl makes of it", (text, value) => {
    expect(resolvePlain(text)).toEqual(value);
  });

  it("as a key becomes the string that kubectl makes of it", () => {
    expect(["on", "0x10", "1.5", ".inf", "x"].map((text) => keyText(resolvePlain(text)))).toEqual([
      "true",
      "16",
      "1.5",
      ".inf",
      "x",
    ]);
  });
});
