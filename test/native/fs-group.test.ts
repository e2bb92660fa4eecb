import { execFileSync } from "node:child_process";
import { chmodSync, lstatSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { fsGroup } from "../../src/kernel/native/fs-group.ts";
import { addon, folder } from "./harness.ts";

const look = (path: string | Buffer) => {
  const { gid, mode } = statSync(path);
  return [gid, (mode & 0o7777).toString(8)];
};

test("gives folders and files to the group, whatever bytes their names are, and follows no link", () => {
  const outside = folder();
  writeFileSync(join(outside, "file"), "");
  chmodSync(join(outside, "file"), 0o600);
  const top = join(folder(), "top");
  mkdirSync(join(top, "a/b"), { recursive: true, mode: 0o700 });
  writeFileSync(join(top, "a/b/file"), "", { mode: 0o600 });
  symlinkSync(join(outside, "file"), join(top, "a/link"));
  symlinkSync(outside, join(top, "a/b/link"));
  const odd = Buffer.concat([Buffer.from(`${top}/a/`), Buffer.from([0xff, 0x0a])]);
  mkdirSync(odd, { mode: 0o700 });
  writeFileSync(Buffer.concat([odd, Buffer.from("/x")]), "", { mode: 0o400 });
  fsGroup(top, 2000, false);
  for (const path of [top, join(top, "a"), join(top, "a/b"), odd]) expect(look(path)[0]).toBe(2000);
  expect(look(join(top, "a/b"))).toEqual([2000, "2770"]);
  expect(look(join(top, "a/b/file"))).toEqual([2000, "660"]);
  expect(look(Buffer.concat([odd, Buffer.from("/x")]))).toEqual([2000, "660"]);
  expect(lstatSync(join(top, "a/link")).gid).toBe(2000);
  expect(look(join(outside, "file"))).toEqual([0, "600"]);
  expect(statSync(outside).gid).toBe(0);
});

test("leaves all alone when the folder itself is right, if asked to", () => {
  const top = folder();
  writeFileSync(join(top, "file"), "");
  fsGroup(top, 2000, true);
  expect(look(join(top, "file"))[0]).toBe(2000);
  writeFileSync(join(top, "new"), "");
  execFileSync("chgrp", ["0", join(top, "new")]);
  fsGroup(top, 2000, true);
  expect(look(join(top, "new"))[0]).toBe(0);
  fsGroup(top, 2000, false);
  expect(look(join(top, "new"))[0]).toBe(2000);
});

test("goes deeper than a path is long, and not into what is mounted there", () => {
  const top = folder();
  const name = "n".repeat(200);
  const make = `for (let i = 0; i < 60; i++) { fs.mkdirSync("${name}"); process.chdir("${name}"); } fs.writeFileSync("file", "")`;
  execFileSync(process.execPath, ["-e", make], { cwd: top });
  mkdirSync(join(top, "mount"));
  addon.mount("tmpfs", join(top, "mount"), "tmpfs", 0, "mode=700");
  try {
    fsGroup(top, 2000, false);
    expect(statSync(join(top, "mount")).gid).toBe(0);
    const end = `let c = "."; try { for (;;) { process.chdir("${name}") } } catch {} console.log(fs.statSync("file").gid)`;
    expect(execFileSync(process.execPath, ["-e", end], { cwd: top, encoding: "utf8" })).toBe("2000\n");
  } finally {
    addon.umount2(join(top, "mount"), 0);
    execFileSync("rm", ["-rf", "--one-file-system", join(top, name)]);
  }
  expect(readdirSync(top)).toEqual(["mount"]);
});
