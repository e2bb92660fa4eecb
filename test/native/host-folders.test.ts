import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDirectory, ensureFile } from "../../src/kernel/native/files.ts";
import { folder } from "./harness.ts";

test.each([0o077, 0o777])(
  "folders and files of the host are made with their own modes under umask %o",
  (mask) => {
    const top = folder();
    const mode = (path: string) => statSync(join(top, path)).mode & 0o7777;
    const before = statSync(top).mode;
    const caller = process.umask(mask);
    try {
      ensureDirectory(join(top, "a/b"), 0o755);
      ensureFile(join(top, "c/d"), 0o644);
    } finally {
      process.umask(caller);
    }
    expect(["a", "a/b", "c", "c/d"].map(mode)).toEqual([0o755, 0o755, 0o755, 0o644]);
    expect(statSync(top).mode).toBe(before);
  },
);
