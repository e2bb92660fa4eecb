import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { TABLE } from "../../../src/manifest/gen/table.ts";
import { fieldsOf } from "../../../src/manifest/schema.ts";
import { provenFields } from "../../fields.ts";
import { PROOFS } from "../../proofs/index.ts";

describe("the proofs of fields", () => {
  it("name tests that are there, by words of their titles", () => {
    const missing = PROOFS.filter(([file, title]) => {
      const path = join(import.meta.dirname, "../..", file);
      return !existsSync(path) || !readFileSync(path, "utf8").includes(title);
    });
    expect(missing.map(([file, title]) => `${file}: ${title}`)).toEqual([]);
  });

  it("name fields that the API has", () => {
    const unknown = provenFields().filter((key) => {
      const [type = "", name = ""] = key.split(".");
      return TABLE[type] === undefined || !fieldsOf(type).has(name);
    });
    expect(unknown).toEqual([]);
  });
});
