import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { asStored } from "../../../src/manifest/as-stored.ts";
import { renderProblem } from "../../../src/manifest/index.ts";
import { parse } from "./support.ts";

/** A good manifest of each kind, with much of what there are rules for. */
const texts = readFileSync(join(import.meta.dirname, "fixtures/full.yaml"), "utf8");
const good = parseAllDocuments(texts).map((document) => document.toJSON());

const VALUES = [
  ...[null, "", "x", "..", "../x", "/a:b", "A_b", "1Gi", 0, -1, 1.5, 99999999999, true],
  ...[[], {}, [null], [{}], [[]], { a: null }, { name: "x" }],
];

/** Every place of a value that holds something. */
function places(value: unknown): [holder: Record<string, unknown>, key: string][] {
  if (typeof value !== "object" || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [
    [holder, key] as [typeof holder, string],
    ...places(holder[key]),
  ]);
}

const change = fc.record({ at: fc.nat(), value: fc.constantFrom("removed", ...VALUES) });

it.each(good)("a $kind whose values are of any kind or missing is refused in whole sentences", (whole) => {
  const { problems: none } = parse(JSON.stringify(whole));
  expect(none.filter(({ code }) => code !== "TS2007")).toEqual([]);
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      const manifest = structuredClone(whole);
      for (const { at, value } of changes) {
        const all = places(manifest);
        const [holder, key] = all[at % all.length] as [Record<string, unknown>, string];
        if (value !== "removed") holder[key] = structuredClone(value);
        else if (Array.isArray(holder)) holder.splice(Number(key), 1);
        else delete holder[key];
      }
      const { problems, warnings, objects } = parse(JSON.stringify(manifest, null, 1));
      for (const problem of [...problems, ...warnings]) {
        expect(`${problem.message} ${problem.help ?? ""}`).not.toMatch(/undefined|\[object|NaN/);
        expect(problem.position.line).toBeGreaterThan(0);
        expect(renderProblem(problem)).toContain(problem.code);
      }
      for (const object of objects) asStored(object);
    }),
    { numRuns: whole.kind === "Pod" ? 120 : 40 },
  );
});
