import { existsSync, readdirSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { ProblemRow } from "../../src/manifest/render-problem.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const folder = join(import.meta.dirname, "broken");

/** What a file says of itself in its first lines: `#= line:column code message`, and `#  help` below. */
function expected(file: string): string[] {
  return readFileSync(join(folder, file), "utf8")
    .split("\n")
    .filter((line) => /^#[= ] /.test(line));
}

/** The same lines as a command printed them; names of the machine and the folder taken out. */
function found(rows: ProblemRow[]): string[] {
  const here = (text: string) =>
    text.replaceAll(`${folder}/`, "").replaceAll(`"${hostname()}"`, `"this-machine"`);
  return rows.flatMap(({ line, col, severity, code, message, help }) => [
    `#= ${line}:${col} ${severity === "warning" ? "warning " : ""}${code} ${here(message)}`,
    ...(help === undefined ? [] : [`#  ${here(help)}`]),
  ]);
}

it("broken manifests are refused with every problem's place, code, field and way out", async () => {
  const files = readdirSync(folder).sort();
  expect(files.length).toBeGreaterThanOrEqual(60);
  const { code, stdout } = await tspod.run(["validate", "-o", "json", folder]);
  expect(code).toBe(2);
  const rows = JSON.parse(stdout) as ProblemRow[];
  for (const file of files) {
    const own = rows.filter((row) => row.file === join(folder, file));
    expect(
      own.some(({ severity }) => severity === "error"),
      file,
    ).toBe(true);
    expect(found(own), file).toEqual(expected(file));
  }
});

it("nothing is created of them", async () => {
  const { code, stdout, stderr } = await tspod.run(["run", "-d", folder]);
  expect([code, stdout]).toEqual([2, ""]);
  expect(stderr).toMatch(/^error\[TS1000\]: \d+ errors in .*broken\. Nothing was created\.$/m);
  expect(stderr).not.toMatch(/internal error|at .*\.[jt]s:\d+|undefined|\[object/);
  for (const place of ["run/tspod/pods", "var/lib/tspod/pods", "var/lib/tspod/objects"])
    expect(existsSync(join(tspod.dir, place)) ? readdirSync(join(tspod.dir, place)) : []).toEqual([]);
});
