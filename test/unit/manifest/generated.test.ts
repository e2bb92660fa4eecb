import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TABLE } from "../../../src/manifest/gen/table.ts";
import { NOT_YET } from "../../../src/manifest/not-yet.ts";
import { PRIORITIES } from "../../../src/manifest/priority.ts";
import { fieldsOf } from "../../../src/manifest/schema.ts";

const root = join(import.meta.dirname, "../../..");
const run = (script: string): Record<string, string> =>
  JSON.parse(
    execFileSync(process.execPath, [join(root, "scripts", script), "--print"], { encoding: "utf8" }),
  );

describe("the generated files", () => {
  it("are what the published models give", () => {
    for (const [name, text] of Object.entries(run("gen-models.mjs")))
      expect(readFileSync(join(root, "src/manifest/gen", name), "utf8"), name).toBe(text);
  });

  it("include the table of fields in the documentation", () => {
    expect(readFileSync(join(root, "docs/fields.md"), "utf8")).toBe(run("gen-fields-doc.mjs")["fields.md"]);
  });
});

it("every field has a test that shows what is done with it", () => {
  const without = run("gen-fields-doc.mjs")["fields.md"]?.match(/^.*no test yet.*$/gm) ?? [];
  expect(without, "name the test in test/proofs/, then run: node scripts/gen-fields-doc.mjs").toEqual([]);
});

describe("the field table", () => {
  it("knows names, types, lists, maps and what is required", () => {
    const fields = fieldsOf("Container");
    expect(fields.get("name")).toEqual({ name: "name", required: true, shape: "one", scalar: "s" });
    expect(fields.get("ports")).toEqual({
      name: "ports",
      required: false,
      shape: "list",
      type: "ContainerPort",
    });
    expect(fieldsOf("ResourceRequirements").get("limits")).toMatchObject({ shape: "map", scalar: "q" });
    expect(fieldsOf("HTTPGetAction").get("port")).toMatchObject({ required: true, scalar: "p" });
  });

  it("refers only to types that it has", () => {
    const types = Object.keys(TABLE).flatMap((type) =>
      [...fieldsOf(type).values()].flatMap((field) => field.type ?? []),
    );
    expect(types.filter((type) => TABLE[type] === undefined)).toEqual([]);
  });

  // A renamed field would otherwise lose its priority in silence.
  it("has every field that priorities are given for", () => {
    const keys = [...Object.keys(PRIORITIES), ...Object.keys(NOT_YET)];
    const missing = keys.filter((key) => {
      const [type = "", field = ""] = key.split(".");
      return !fieldsOf(type).has(field);
    });
    expect(missing).toEqual([]);
  });
});
