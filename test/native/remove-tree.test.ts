import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeTree } from "../../src/kernel/native/files.ts";
import { addon, folder } from "./harness.ts";

/** As a container can make it: folders in folders, entered one by one. */
function deep(top: string, levels: number, name: string, branches = 1): void {
  const script = `for (let i = 0; i < ${levels}; i++) {
    for (let b = 1; b < ${branches}; b++) fs.mkdirSync("branch" + b);
    fs.writeFileSync("file", "x");
    fs.mkdirSync("${name}");
    process.chdir("${name}");
  }`;
  execFileSync(process.execPath, ["-e", script], { cwd: top });
}

test.each([
  ["than a path is long", 60, "n".repeat(200), 1],
  ["than descriptors are wise", 450, "d", 2],
])("removes folders that are deeper %s", (_, levels, name, branches) => {
  const top = join(folder(), "top");
  mkdirSync(top);
  deep(top, levels, name, branches);
  removeTree(top);
  expect(existsSync(top)).toBe(false);
});

test("removes names of any bytes and special files, and follows no link", () => {
  const outside = folder();
  writeFileSync(join(outside, "kept"), "");
  const top = join(folder(), "top");
  mkdirSync(join(top, "a/b"), { recursive: true });
  symlinkSync(outside, join(top, "a/link"));
  symlinkSync(outside, join(top, "a/b/link"));
  execFileSync("mkfifo", [join(top, "a/pipe")]);
  writeFileSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0x0a, 0xfe])]), "");
  mkdirSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xfe])]));
  writeFileSync(Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xfe, 0x2f, 0x78])]), "");
  removeTree(top);
  expect(existsSync(top)).toBe(false);
  expect(readdirSync(outside)).toEqual(["kept"]);
  symlinkSync(outside, top);
  removeTree(top);
  expect(readdirSync(outside)).toEqual(["kept"]);
  removeTree(top);
});

test("leaves what is mounted below, and says where", () => {
  const top = folder();
  const place = join(top, "a/b");
  mkdirSync(place, { recursive: true });
  addon.mount("tmpfs", place, "tmpfs", 0, "");
  try {
    writeFileSync(join(place, "kept"), "");
    expect(() => removeTree(top)).toThrow(`${place} is a mount point that is not tspod's`);
    expect(readdirSync(place)).toEqual(["kept"]);
  } finally {
    addon.umount2(place, 0);
  }
});
