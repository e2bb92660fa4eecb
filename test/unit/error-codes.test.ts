import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { readSources, type Source } from "../support/source-rules.ts";

const root = join(import.meta.dirname, "../..");
const sources = readSources(root, "src", [".ts"]);
const page = readFileSync(join(root, "docs/error-codes.md"), "utf8");

/** Each code of the sources with the layers that report it, as the page has them. */
function codesOf(files: Source[]): Map<string, string> {
  const layers = new Map<string, Set<string>>();
  for (const { path, text } of files) {
    for (const [, code = ""] of text.matchAll(/"(TS\d{4})"/g)) {
      const layer = path.split("/")[1] as string;
      layers.set(code, (layers.get(code) ?? new Set()).add(layer));
    }
  }
  return new Map([...layers].sort().map(([code, from]) => [code, [...from].sort().join(", ")]));
}

/** The rows of the page. */
const rows = [...page.matchAll(/^\| (TS\d{4}) \| (.+) \| (.+) \|$/gm)].map(
  ([, code = "", meaning = "", from = ""]) => ({ code, meaning, from }),
);

describe("docs/error-codes.md", () => {
  it("has every code of the sources, with the layers it comes from, and no other", () => {
    const documented = new Map(rows.map(({ code, from }) => [code, from]));
    expect(documented.size).toBeGreaterThan(100);
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(codesOf(sources)));
  });

  it("gives each code one meaning, and each meaning one code", () => {
    expect(rows.map(({ code }) => code)).toEqual([...new Set(rows.map(({ code }) => code))].sort());
    expect(new Set(rows.map(({ meaning }) => meaning)).size).toBe(rows.length);
  });
});

it("a code that another layer reports too is seen", () => {
  const file = (path: string) => ({ path, text: 'throw new TspodError({ code: "TS5010", message });' });
  expect(codesOf([file("src/pod/a.ts"), file("src/cli/b.ts")])).toEqual(new Map([["TS5010", "cli, pod"]]));
});
