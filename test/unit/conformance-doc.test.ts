import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");

it("the table of behaviours in the documentation is what the conformance tests say", () => {
  const script = join(root, "scripts/gen-conformance-doc.mjs");
  const made = JSON.parse(execFileSync(process.execPath, [script, "--print"], { encoding: "utf8" }));
  expect(readFileSync(join(root, "docs/conformance.md"), "utf8")).toBe(made["conformance.md"]);
});
