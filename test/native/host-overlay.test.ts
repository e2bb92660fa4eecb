import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { mountOverlay } from "../../src/kernel/native/overlay.ts";
import { addon, folder } from "./harness.ts";

const long = "x".repeat(200);

test.each([
  ["two layers", 2, ""],
  ["120 layers", 120, "with, comma:and\\backslash"],
  ["120 layers with paths too long for fsconfig", 120, `${long}/${long}`],
])("mounts %s on the host, read-only and not to be executed", (_, count, name) => {
  const top = folder();
  const base = join(top, name);
  const target = join(base, "target");
  mkdirSync(target, { recursive: true });
  const lowers = Array.from({ length: count }, (_, index) => {
    const lower = join(base, String(index));
    mkdirSync(lower);
    writeFileSync(join(lower, "all"), `${index}`);
    writeFileSync(join(lower, `only-${index}`), `${index}`);
    return lower;
  });
  mountOverlay(addon, target, lowers);
  try {
    expect(readFileSync(join(target, "all"), "utf8")).toBe("0");
    expect(readFileSync(join(target, `only-${count - 1}`), "utf8")).toBe(`${count - 1}`);
    expect(() => writeFileSync(join(target, "new"), "")).toThrow(/EROFS/);
    const line = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((each) => each.split(" ")[4]?.startsWith(top) && each.includes("/target "));
    expect(line).toMatch(/ ro,nosuid,nodev,noexec.* overlay overlay ro,/);
  } finally {
    addon.umount2(target, 2);
  }
});

test("says which error a layer is that is not there", () => {
  const base = folder();
  expect(() => mountOverlay(addon, base, [base, join(base, "absent")])).toThrow(/ENOENT/);
});
