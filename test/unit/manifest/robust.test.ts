import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { applyDefaults, renderProblems } from "../../../src/manifest/index.ts";
import { parse, pod } from "./support.ts";

const kubectl = readFileSync(join(import.meta.dirname, "fixtures/kubectl-get-pod.yaml"), "utf8");
const texts = [
  kubectl,
  pod({
    spec: "hostNetwork: true\nvolumes:\n- {name: v, configMap: {name: c, items: [{key: a, path: b, mode: 0400}]}}\n- name: w\n  emptyDir: {medium: Memory, sizeLimit: 1Gi}",
    container:
      'env: [{name: A, value: "x"}]\nvolumeMounts: [{name: v, mountPath: /v}]\nlivenessProbe: {exec: {command: [a]}}',
  }),
];
const pieces = [
  "\n",
  " ",
  "  ",
  "- ",
  ":",
  ": ",
  "{",
  "}",
  "[",
  "]",
  '"',
  "'",
  "#",
  "&a ",
  "*a",
  "|",
  ">",
  "\t",
  "~",
  "0",
  "-1",
  "true",
  "---\n",
  "é",
  "\u0000",
  "{{ .Values.x }}",
  "```\n",
  "----\n",
  "\u00a0",
  "\u200b",
  "\ufeff",
  "“",
  "//x\n",
  "@",
  "%",
];

/** A good manifest with a few places overwritten, deleted or filled with YAML's own characters. */
const damaged = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(4000), fc.nat(12), fc.constantFrom(...pieces)), { minLength: 1, maxLength: 4 }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((all, [at, length, piece]) => {
      const start = at % all.length;
      return all.slice(0, start) + piece + all.slice(start + length);
    }, text),
  );

describe("any text", () => {
  it("is read or refused with a place that exists, and never throws", () => {
    fc.assert(
      fc.property(damaged, (text) => {
        const { problems, warnings, objects } = parse(text);
        const lines = text.split("\n").length;
        for (const { position, message } of [...problems, ...warnings]) {
          expect(position.line).toBeGreaterThanOrEqual(1);
          expect(position.line).toBeLessThanOrEqual(lines);
          expect(position.column).toBeGreaterThanOrEqual(1);
          expect(message).not.toMatch(/undefined|\[object|NaN/);
        }
        expect(renderProblems(problems)).toBeTypeOf("string");
        for (const { kind, object } of objects) if (kind === "Pod") applyDefaults(object);
        expect(objects.length + problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });

  it("of random characters too", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 80 }), (text) => {
        const { problems, objects } = parse(text);
        expect(objects.length + problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 150 },
    );
  });
});
