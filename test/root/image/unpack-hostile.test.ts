import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { CONTAINED } from "../../support/image/contained.ts";
import { HOSTILE_FORMAT } from "../../support/image/hostile-format.ts";
import { HOSTILE_NAMES } from "../../support/image/hostile-names.ts";
import { base256, tar, tarEntry } from "../../support/image/tar.ts";
import { readTree, type TreeEntry } from "../../support/image/tree.ts";
import { unpack, workFolder } from "../../support/image/unpack.ts";

let work: ReturnType<typeof workFolder>;
let host: string;
let before: Record<string, TreeEntry>;

/** Beside the layer's folder `x/layer/fs` lies a host with files that must stay unread and unchanged. */
beforeEach(() => {
  work = workFolder();
  host = work.path;
  mkdirSync(join(host, "x/layer"), { recursive: true });
  mkdirSync(join(host, "x/layer/fs-evil"));
  mkdirSync(join(host, "etc"));
  writeFileSync(join(host, "canary"), "canary");
  writeFileSync(join(host, "etc/shadow"), "secret", { mode: 0o600 });
  symlinkSync("canary", join(host, "link"));
  before = hostTree();
});
afterEach(() => {
  try {
    expect(hostTree()).toEqual(before);
  } finally {
    work.remove();
  }
});

function hostTree(): Record<string, TreeEntry> {
  const tree = readTree(host);
  const isLayer = (path: string) =>
    /^x\/layer(\/(fs|blob))?($|\/fs\/|\/)/.test(path) && !path.includes("fs-evil");
  return Object.fromEntries(Object.entries(tree).filter(([path]) => !isLayer(path)));
}

const layer = () => join(host, "x/layer");

describe("a hostile layer is refused, its digest named, and the host is untouched", () => {
  it.each([...HOSTILE_NAMES, ...HOSTILE_FORMAT])("%s", async (_what, make, message) => {
    const made = make();
    const { plain, stored } = Buffer.isBuffer(made) ? { plain: made, stored: made } : made;
    const refusal = unpack(layer(), plain, { stored });
    await expect(refusal).rejects.toMatchObject({ code: expect.stringMatching(/^TS60(11|31)$/) });
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(/^layer sha256:[0-9a-f]{64} /);
  });
});

describe("a layer that tries to leave its folder is contained", () => {
  it.each(CONTAINED)("%s", async (_what, entries, inside) => {
    const { fs } = await unpack(layer(), tar(...entries(host)));
    const names = Object.keys(readTree(fs)).map((path) => path.split("/").at(-1));
    for (const name of inside) expect(names).toContain(name);
  });

  it("a hardlink through a symlink to the host reads nothing of the host", async () => {
    const { fs, fromLower } = await unpack(
      layer(),
      tar({ name: "s", type: "2", link: host }, { name: "h", type: "1", link: "s/etc/shadow" }),
    );
    expect(Object.keys(readTree(fs))).toEqual(["", "s"]);
    expect(fromLower.map(({ kind }) => kind)).toContain("lower-link");
  });
});

describe("bombs", () => {
  it("ten gigabytes of zeros stop at the limit, and take no disk before", async () => {
    const member = gzipSync(Buffer.alloc(64 << 20));
    const header = tarEntry({
      name: "bomb",
      size: base256(10n << 30n, 12),
    });
    const stored = Buffer.concat([
      gzipSync(header.subarray(0, 512)),
      ...Array.from({ length: 160 }, () => member),
    ]);
    const refusal = unpack(layer(), Buffer.alloc(0), { stored, limits: { bytes: 3 * 2 ** 30 } });
    await expect(refusal).rejects.toThrow(/larger, unpacked, than the limit allows/);
    const used = Number(
      execFileSync("du", ["-s", "--block-size=1", join(layer(), "fs")], { encoding: "utf8" }).split("\t")[0],
    );
    expect(used).toBeLessThan(100 << 20);
  });

  it("files that are small each, and too much together, stop at the limit", async () => {
    const files = Array.from({ length: 40 }, (_, i) => ({ name: `f${i}`, data: Buffer.alloc(100_000, "x") }));
    const limits = { bytes: 2_000_000 };
    await expect(unpack(layer(), tar(...files), { limits })).rejects.toThrow(
      /larger, unpacked, than the limit/,
    );
  });

  it("entries without number stop at the limit", async () => {
    const entries = Array.from({ length: 1001 }, (_, i) => ({ name: `f${i}` }));
    await expect(unpack(layer(), tar(...entries), { limits: { entries: 1000 } })).rejects.toThrow(
      /more entries than the limit/,
    );
  });

  it("a disk that would get full stops it before", async () => {
    const data = Buffer.alloc(40 << 20, "x");
    const refusal = unpack(layer(), tar({ name: "f", data }), { limits: { reserve: 2 ** 50 } });
    await expect(refusal).rejects.toMatchObject({ code: "TS6031", hint: expect.stringMatching(/prune/) });
    await expect(refusal).rejects.toThrow(/disk is nearly full/);
  });

  it("folders nested a thousand deep are unpacked, replaced and removed", async () => {
    const deep = Array.from({ length: 1000 }, () => "d").join("/");
    const { fs } = await unpack(
      layer(),
      tar({ name: "x", type: "5", pax: { path: deep } }, { name: "d", data: "flat" }),
    );
    expect(readFileSync(join(fs, "d"), "utf8")).toBe("flat");
  });
});
