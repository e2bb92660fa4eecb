import { describe, expect, it } from "vitest";
import { fileName } from "../../../src/state/file-name.ts";

describe("a file's name", () => {
  it("is the name, with what comes before and after it", () => {
    expect(fileName("web", { before: "default_", after: ".json" })).toBe("default_web.json");
    expect(fileName("x".repeat(230), { after: ".json" })).toBe(`${"x".repeat(230)}.json`);
  });

  it("is never longer than a file system takes, and another for another name", () => {
    const [one, two] = ["y", "z"].map((end) =>
      fileName("x".repeat(252) + end, { before: "default_", after: "_1f0e8a52-0000-4000-8000-000000000001" }),
    );
    expect([one?.length, two?.length]).toEqual([235, 235]);
    expect(one).not.toBe(two);
    expect(one).toMatch(/^default_x+~[0-9a-f]{16}_1f0e8a52-0000-4000-8000-000000000001$/);
  });

  it("of a cut name is that name, so that a file can be found by its own", () => {
    const cut = fileName("x".repeat(253), { after: ".json" });
    expect(fileName(cut.slice(0, -".json".length), { after: ".json" })).toBe(cut);
  });
});
