import { describe, expect, it } from "vitest";
import {
  commaSeparated,
  duration,
  folder,
  lineCount,
  moment,
  namespaceName,
  seconds,
  signalNumber,
} from "../../../src/cli/arguments.ts";

describe("an argument", () => {
  it.each([
    ["30s", 30_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["1.5s", 1500],
    ["250ms", 250],
  ])("%s is a duration", (text, ms) => expect(duration(text)).toBe(ms));

  it.each(["", "5", "m", "5 m", "5m!", "-5m", "5d"])("%j is no duration", (text) => {
    expect(() => duration(text)).toThrow("Expected a duration");
  });

  it("is a number of seconds", () => {
    expect([seconds("0"), seconds("30"), seconds("30s")]).toEqual([0, 30, 30]);
    for (const text of ["", "-1", "1.5", "x"]) expect(() => seconds(text)).toThrow("Expected");
  });

  it("is a number of lines, -1 for all", () => {
    expect([lineCount("0"), lineCount("-1")]).toEqual([0, -1]);
    for (const text of ["", "-2", "all"]) expect(() => lineCount(text)).toThrow("Expected");
  });

  it.each([
    ["TERM", 15],
    ["SIGTERM", 15],
    ["hup", 1],
    ["9", 9],
    ["64", 64],
  ])("%s is a signal", (text, number) => expect(signalNumber(text)).toBe(number));

  it.each(["", "0", "65", "NOPE", "-9"])("%j is no signal", (text) => {
    expect(() => signalNumber(text)).toThrow("Expected a signal");
  });

  it("is a time", () => {
    expect(moment("2026-01-31T12:00:00Z").toISOString()).toBe("2026-01-31T12:00:00.000Z");
    expect(() => moment("yesterday")).toThrow("Expected a time");
  });

  it("is a namespace, and no part of a path", () => {
    for (const text of ["default", "a", "kube-system", "x".repeat(63)])
      expect(namespaceName(text)).toBe(text);
    for (const text of ["", "..", "a/b", "../../x", "Bad", "a_b", "-a", "a-", "a.b", "x".repeat(64), "日本"])
      expect(() => namespaceName(text), text).toThrow("A namespace is");
  });

  it("is a folder, which an unset variable is not", () => {
    expect(folder("relative/one")).toBe("relative/one");
    expect(() => folder("")).toThrow("Expected a folder");
  });

  it("is a list, by commas or repeated", () => {
    expect(commaSeparated("c,d", commaSeparated("a,,b"))).toEqual(["a", "b", "c", "d"]);
  });
});
