import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { labelsText, outputFormat, printed, sortedBy } from "../../../src/cli/render/output.ts";

const pods = [
  { kind: "Pod", metadata: { name: "web-10", labels: { app: "web" } }, spec: { args: ["a", "b"] }, n: 2 },
  { kind: "Pod", metadata: { name: "web-9" }, spec: { args: [] as string[] }, n: 10 },
];
const print = (output: string, { single = false, headers = true } = {}) =>
  printed(single ? pods.slice(0, 1) : pods, { output, single, headers });

describe("-o", () => {
  it("names, one object alone, several as a List", async () => {
    expect(await print("name")).toBe("pod/web-10\npod/web-9\n");
    expect(JSON.parse((await print("json", { single: true })) ?? "")).toEqual(pods[0]);
    expect(JSON.parse((await print("json")) ?? "")).toMatchObject({ kind: "List", items: pods });
    expect(await print("wide")).toBeUndefined();
  });

  it("prints what a jsonpath finds, without a newline", async () => {
    expect(await print("jsonpath={.items[*].metadata.name}")).toBe("web-10 web-9");
    expect(await print("jsonpath={.metadata.name}", { single: true })).toBe("web-10");
    expect(JSON.parse((await print("jsonpath-as-json={.items[*].n}")) ?? "")).toEqual([2, 10]);
  });

  it("prints columns of one's own, <none> where there is nothing", async () => {
    expect(await print("custom-columns=NAME:.metadata.name,APP:.metadata.labels.app,ARGS:{.spec.args}")).toBe(
      "NAME     APP      ARGS\nweb-10   web      [a b]\nweb-9    <none>   []\n",
    );
    expect(await print("custom-columns=L:.metadata.labels", { headers: false, single: true })).toBe(
      "map[app:web]\n",
    );
    await expect(print("custom-columns=NAME")).rejects.toThrow(
      "unexpected custom-columns spec: NAME, expected <header>:<json-path-expr>",
    );
  });

  it("reads a template or columns from a file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tspod-output-"));
    writeFileSync(join(folder, "template"), '{.items[0].n}{"\\n"}\n');
    writeFileSync(join(folder, "columns"), "NAME   NUMBER\n.metadata.name  .n\n");
    expect(await print(`jsonpath-file=${folder}/template`)).toBe("2\n");
    expect(await print(`custom-columns-file=${folder}/columns`)).toBe(
      "NAME     NUMBER\nweb-10   2\nweb-9    10\n",
    );
    await expect(print("jsonpath-file=/not/there")).rejects.toThrow("ENOENT");
    rmSync(folder, { recursive: true });
  });

  it.each(["xml", "jsonpath", "jsonpath=", "json=x", ""])("%j is refused", (text) => {
    expect(() => outputFormat(text)).toThrow(/unable to match a printer/);
  });
});

it("--sort-by compares numbers as numbers, and texts with numbers in them as people do", async () => {
  const names = async (path: string) =>
    (await sortedBy(pods, path, (one) => one)).map(({ metadata }) => metadata.name);
  expect(await names(".metadata.name")).toEqual(["web-9", "web-10"]);
  expect(await names("{.n}")).toEqual(["web-10", "web-9"]);
  expect(await names(".metadata.labels.app")).toEqual(["web-9", "web-10"]);
  await expect(names(".nothing")).rejects.toThrow("couldn't find any field with path");
});

it("labels stand in one column", () => {
  expect(labelsText({ b: "2", a: "1" })).toBe("a=1,b=2");
  expect(labelsText(undefined)).toBe("<none>");
});
