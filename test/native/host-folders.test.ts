import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureDirectory, ensureFile } from "../../src/kernel/native/files.ts";
import { NativeKernel } from "../../src/kernel/native/index.ts";
import { addon, folder } from "./harness.ts";

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

test("huge pages can be mounted, and given to a group, though the machine may have none to give", () => {
  const top = folder();
  const kernel = new NativeKernel(() => addon);
  kernel.mountHugetlbfs(top, "mode=777,pagesize=2097152,size=4194304");
  try {
    const line = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((each) => each.split(" ")[4] === top);
    expect(line).toMatch(/ rw,nosuid,nodev,.* - hugetlbfs nodev rw,.*pagesize=2M,size=4194304/);
    kernel.fsGroup(top, 2000, false);
    expect(statSync(top)).toMatchObject({ gid: 2000, mode: 0o042777 });
  } finally {
    kernel.unmount(top);
  }
});
