import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { readTexts } from "../../../src/cli/manifest-files.ts";
import { problemRow } from "../../../src/manifest/render-problem.ts";
import { parse } from "./support.ts";

/** The manifests that the commands are tried with as well: each says in its first lines what is to be said of it. */
const folder = join(import.meta.dirname, "../../e2e/broken");
const files = readdirSync(folder).sort();

it("there are broken manifests", () => {
  expect(files.length).toBeGreaterThanOrEqual(100);
});

it.each(files)("%s is told of exactly what it says of itself", (file) => {
  const text = readTexts([join(folder, file)])
    .map((one) => one.text)
    .join("");
  const { problems, warnings } = parse(text, { nodeName: "this-machine" });
  const found = [...problems, ...warnings]
    .map(problemRow)
    .flatMap(({ line, col, severity, code, message, help }) => [
      `#= ${line}:${col} ${severity === "warning" ? "warning " : ""}${code} ${message.replaceAll("pod.yaml:", `${file}:`)}`,
      ...(help === undefined ? [] : [`#  ${help.replaceAll("pod.yaml:", `${file}:`)}`]),
    ]);
  expect(problems.length).toBeGreaterThan(0);
  expect(found).toEqual(text.split("\n").filter((line) => /^#[= ] /.test(line)));
});
