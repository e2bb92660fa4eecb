import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readJson, writeJson } from "../../src/state/json-file.ts";
import { folder } from "./harness.ts";

test("a record that does not fit on the disk leaves the one before, whole, and no part of itself", () => {
  const disk = folder();
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=16k", "tmpfs", disk]);
  try {
    const path = join(disk, "pod.json");
    writeJson(path, { attempt: 1 });
    expect(() => writeJson(path, { attempt: 2, text: "x".repeat(20_000) })).toThrow(/ENOSPC/);
    expect(readJson(path)).toEqual({ attempt: 1 });
    expect(readdirSync(disk)).toEqual(["pod.json"]);
  } finally {
    execFileSync("umount", [disk]);
  }
});
