import {
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Landing } from "../../../src/cli/copy/landing.ts";
import { unpacker } from "../../../src/cli/copy/unpack.ts";
import { type RawEntry, tar } from "../../support/image/tar.ts";

let top: string;
let here: string;
let warnings: string[];

beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), "tspod-unpack-"));
  here = join(top, "here");
  mkdirSync(join(top, "outside"));
  writeFileSync(join(top, "outside/canary"), "canary");
  mkdirSync(here);
  warnings = [];
});
afterEach(() => {
  expect(readdirSync(join(top, "outside"))).toEqual(["canary"]);
  expect(readFileSync(join(top, "outside/canary"), "utf8")).toBe("canary");
  rmSync(top, { recursive: true });
});

/** What a container that was asked for `d` sends; throws what stopped the unpacking. */
async function unpack(...entries: RawEntry[]): Promise<void> {
  const landing = new Landing(here);
  let failure: unknown;
  const land = () => ({ landing, target: ["d"] });
  const parser = unpacker({ member: "d", land, warn: (text) => warnings.push(text) }, (error) => {
    failure ??= error;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      parser.on("end", resolve);
      parser.on("error", reject);
      parser.end(tar(...entries));
    });
    if (failure) throw failure;
    landing.finish();
  } finally {
    landing.release();
  }
}

const read = (name: string) => readFileSync(join(here, name), "utf8");
const modeOf = (name: string) => statSync(join(here, name)).mode & 0o7777;

it("keeps folders, files and their permissions, without set-uid and set-gid", async () => {
  await unpack(
    { name: "d/", type: "5", mode: 0o2750 },
    { name: "d/ro/", type: "5", mode: 0o555 },
    { name: "d/ro/run", data: "x", mode: 0o4755 },
    { name: "d/hard", type: "1", link: "d/ro/run" },
  );
  expect(read("d/ro/run")).toBe("x");
  expect([modeOf("d"), modeOf("d/ro"), modeOf("d/ro/run")]).toEqual([0o750, 0o555, 0o755]);
  expect(read("d/hard")).toBe("x");
  expect(statSync(join(here, "d/hard")).nlink).toBe(1);
});

it.each(["../outside/canary", "/etc/tspod-test", "d/../../outside/canary", "e/f", "dd/f"])(
  "refuses an archive with the name %j, which is not below the one asked for",
  async (name) => {
    await expect(unpack({ name: "d/", type: "5" }, { name, data: "evil" })).rejects.toThrow(
      /tar contents corrupted/,
    );
    expect(readdirSync(here)).toEqual(["d"]);
    expect(readdirSync(join(here, "d"))).toEqual([]);
  },
);

it("makes no symlink, so a file behind one cannot lead out", async () => {
  await unpack(
    { name: "d/", type: "5" },
    { name: "d/link", type: "2", link: "../../outside" },
    { name: "d/link/canary", data: "evil" },
  );
  expect(warnings).toEqual(['skipping symlink: "d/link" -> "../../outside"']);
  expect(lstatSync(join(here, "d/link")).isDirectory()).toBe(true);
  expect(read("d/link/canary")).toBe("evil");
});

it.each([
  ["folder", { name: "d/link/canary", data: "evil" }],
  ["folder on the way", { name: "d/link/x/canary", data: "evil" }],
  ["file", { name: "d/file", data: "evil" }],
])("follows no symlink that is there already: %s", async (_, entry) => {
  mkdirSync(join(here, "d"));
  symlinkSync(join(top, "outside"), join(here, "d/link"));
  symlinkSync(join(top, "outside/canary"), join(here, "d/file"));
  await expect(unpack(entry)).rejects.toThrow(/cannot be written: there is/);
});

it("takes a hardlink's content only from what has come down", async () => {
  await expect(unpack({ name: "d/x", type: "1", link: "../outside/canary" })).rejects.toThrow(/corrupted/);
  mkdirSync(join(here, "d"), { recursive: true });
  symlinkSync(join(top, "outside/canary"), join(here, "d/s"));
  await expect(unpack({ name: "d/x", type: "1", link: "d/s" })).rejects.toThrow(/symbolic link/);
  symlinkSync(join(top, "outside"), join(here, "d/out"));
  await expect(unpack({ name: "d/x", type: "1", link: "d/out/canary" })).rejects.toThrow(/symbolic link/);
  expect(existsSync(join(here, "d/x"))).toBe(false);
});

it("makes no devices and pipes", async () => {
  await unpack(
    { name: "d/", type: "5" },
    { name: "d/p", type: "6" },
    { name: "d/c", type: "3", major: 1, minor: 3 },
  );
  expect(readdirSync(join(here, "d"))).toEqual([]);
  expect(warnings).toHaveLength(2);
});

it("empties the file that is there, and nothing that is not a file", async () => {
  mkdirSync(join(here, "d/folder"), { recursive: true });
  writeFileSync(join(here, "d/long"), "a long text");
  writeFileSync(join(here, "kept"), "kept");
  linkSync(join(here, "kept"), join(here, "d/other"));
  await unpack({ name: "d/long", data: "short" });
  expect(read("d/long")).toBe("short");
  await expect(unpack({ name: "d/folder", data: "x" })).rejects.toThrow(/there is a folder/);
});

it("refuses a header with a wrong checksum", async () => {
  await expect(unpack({ name: "d/", type: "5" }, { name: "d/f", data: "x", checksum: 1 })).rejects.toThrow();
  expect(existsSync(join(here, "d/f"))).toBe(false);
});
