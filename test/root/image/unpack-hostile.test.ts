import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { base256, type RawEntry, tar, tarEntry } from "../../support/image/tar.ts";
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

type Refused = [what: string, archive: () => Buffer | { plain: Buffer; stored: Buffer }, message: RegExp];
const up = "../".repeat(12);

describe("a hostile layer is refused, its digest named, and the host is untouched", () => {
  const long = "n".repeat(300);
  const refused: Refused[] = [
    ["a name with ..", () => tar({ name: "../../canary", data: "x" }), /leads out of the layer/],
    [
      "a name with .. in the middle",
      () => tar({ name: `a/../${up}canary`, data: "x" }),
      /leads out of the layer/,
    ],
    [
      "a PAX path with ..",
      () => tar({ name: "ok", data: "x", pax: { path: `${up}canary` } }),
      /leads out of the layer/,
    ],
    [
      "a GNU long name with ..",
      () => tar({ name: "L", type: "L", data: `${up}${long}\0` }, { name: "x", data: "x" }),
      /leads out/,
    ],
    [
      "a sibling of the folder by prefix",
      () => tar({ name: "../fs-evil/x", data: "x" }),
      /leads out of the layer/,
    ],
    [
      "a hardlink to a host file by ..",
      () => tar({ name: "h", type: "1", link: `${up}etc/shadow` }),
      /leads out of the layer/,
    ],
    [
      "a hardlink to a folder",
      () => tar({ name: "d", type: "5" }, { name: "h", type: "1", link: "d" }),
      /names no file/,
    ],
    ["a hardlink to the root", () => tar({ name: "h", type: "1", link: "/" }), /names no file/],
    ["a hardlink without a target", () => tar({ name: "h", type: "1" }), /names no file/],
    ["a whiteout of ..", () => tar({ name: "d/.wh...", data: "" }), /whiteout names no file/],
    ["a whiteout of .", () => tar({ name: "d/.wh..", data: "" }), /whiteout names no file/],
    ["a whiteout of nothing", () => tar({ name: ".wh.", data: "" }), /whiteout names no file/],
    ["a whiteout beyond the root", () => tar({ name: "../.wh.canary", data: "" }), /leads out of the layer/],
    ["overlay's own device 0:0", () => tar({ name: "etc", type: "3" }), /character device 0:0/],
    [
      "overlay's opaque mark",
      () => tar({ name: "d", type: "5", pax: { "SCHILY.xattr.trusted.overlay.opaque": "y" } }),
      /attribute of overlay/,
    ],
    [
      "overlay's redirect mark",
      () => tar({ name: "d", type: "5", pax: { "SCHILY.xattr.trusted.overlay.redirect": "/etc" } }),
      /attribute of overlay/,
    ],
    [
      "overlay's mark for users",
      () => tar({ name: "d", type: "5", pax: { "SCHILY.xattr.user.overlay.whiteout": "y" } }),
      /attribute of overlay/,
    ],
    [
      "a file as the root",
      () => tar({ name: "./", type: "0", data: "x", pax: { path: "." } }),
      /root "\/" is not a folder/,
    ],
    ["a symlink as the root", () => tar({ name: ".", type: "2", link: "/etc" }), /root "\/" is not a folder/],
    [
      "a file beneath a symlink that leads nowhere",
      () => tar({ name: "s", type: "2", link: "/nope" }, { name: "s/f", data: "x" }),
      /beneath a symlink/,
    ],
    ["an empty name", () => tar({ name: "", data: "x" }), /name is empty/],
    [
      "a NUL in a PAX path",
      () => tar({ name: "x", data: "x", pax: { path: "a\0b" } }),
      /PAX\) header is broken/,
    ],
    [
      "a name over PATH_MAX",
      () => tar({ name: "x", data: "x", pax: { path: `${"p/".repeat(2100)}x` } }),
      /longer than the 4095/,
    ],
    [
      "a name over NAME_MAX",
      () => tar({ name: "x", data: "x", pax: { path: "p".repeat(256) } }),
      /ENAMETOOLONG/,
    ],
    ["a size of 8 EiB", () => tar({ name: "x", size: base256(1n << 63n, 12) }), /number in a tar header/],
    ["a negative size", () => tar({ name: "x", size: base256(-512n, 12) }), /number in a tar header/],
    [
      "a size over what follows",
      () => tar({ name: "x", data: "x", size: 1 << 30 }),
      /in the middle of an entry/,
    ],
    [
      "a PAX size that overflows",
      () => tar({ name: "x", pax: { size: "9223372036854775808" } }),
      /PAX\) header is broken/,
    ],
    ["a PAX header of 1 GiB", () => tar({ name: "x", type: "x", size: 1 << 30 }), /larger than 1 MiB/],
    [
      "a PAX record longer than its header",
      () => tar({ name: "p", type: "x", data: "99 path=x\n" }, { name: "x" }),
      /PAX\) header is broken/,
    ],
    [
      "a PAX record of length 0",
      () => tar({ name: "p", type: "x", data: "0 path=x\n" }, { name: "x" }),
      /PAX\) header is broken/,
    ],
    [
      "an owner beyond 32 bits",
      () => tar({ name: "x", pax: { uid: "4294967296" } }),
      /PAX\) header is broken/,
    ],
    [
      "the owner that means none",
      () => tar({ name: "x", pax: { uid: "4294967295" } }),
      /PAX\) header is broken/,
    ],
    [
      "a sparse map beyond the file",
      () =>
        tar({
          name: "x",
          data: "x".repeat(512),
          pax: { "GNU.sparse.size": "100", "GNU.sparse.map": "0,512" },
        }),
      /map of a sparse file/,
    ],
    [
      "a sparse map that overlaps",
      () =>
        tar({
          name: "x",
          data: "x".repeat(512),
          pax: { "GNU.sparse.size": "1000", "GNU.sparse.map": "0,256,100,256" },
        }),
      /map of a sparse file/,
    ],
    [
      "a sparse map with a number missing",
      () =>
        tar({
          name: "x",
          data: "1\n0\n",
          pax: { "GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "9" },
        }),
      /map of a sparse file/,
    ],
    [
      "a sparse file of 8 EiB",
      () => tar({ name: "x", pax: { "GNU.sparse.size": "9223372036854775807", "GNU.sparse.map": "0,0" } }),
      /larger, unpacked, than the limit/,
    ],
    [
      "more attributes than there are",
      () =>
        tar({
          name: "x",
          pax: Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`SCHILY.xattr.user.a${i}`, "1"])),
        }),
      /more than 128/,
    ],
    ["a wrong checksum", () => tar({ name: "x", checksum: 1 }), /checksum is wrong/],
    ["no tar at all", () => Buffer.alloc(2048, "nonsense"), /checksum is wrong/],
    ["an unknown type", () => tar({ name: "x", type: "Q" }), /type that no file system has/],
    [
      "another volume's continuation",
      () => tar({ name: "x", type: "M", data: "x" }),
      /type that no file system has/,
    ],
    [
      "data after one empty block",
      () => tar(Buffer.alloc(512), { name: "x", data: "x" }),
      /after the archive's end/,
    ],
    [
      "an archive cut in a header",
      () => tar({ name: "x", data: "x" }).subarray(0, 300),
      /in the middle of an entry/,
    ],
    [
      "an archive cut in the data",
      () => tar({ name: "x", data: "x".repeat(2000) }).subarray(0, 1500),
      /in the middle of an entry/,
    ],
    [
      "a PAX header and then nothing",
      () => tarEntry({ name: "p", type: "x", data: "10 path=a\n" }),
      /in the middle of an entry/,
    ],
    [
      "gzip cut short",
      () => ({ plain: tar({ name: "x" }), stored: gzipSync(tar({ name: "x" })).subarray(0, 40) }),
      /ends too early/,
    ],
    [
      "gzip with a wrong checksum",
      () => ({ plain: tar({ name: "x" }), stored: wrongChecksum(gzipSync(tar({ name: "x" }))) }),
      /gzip checksum/,
    ],
    [
      "gzip with garbage after it",
      () => ({
        plain: tar({ name: "x" }),
        stored: Buffer.concat([gzipSync(tar({ name: "x" })), Buffer.from("garbage garbage garbage garbage")]),
      }),
      /gzip data is broken/,
    ],
    [
      "broken gzip",
      () => ({
        plain: Buffer.alloc(0),
        stored: Buffer.concat([
          gzipSync(Buffer.alloc(9999, "abc")).subarray(0, 20),
          Buffer.alloc(3000, 0xff),
        ]),
      }),
      /gzip data is broken/,
    ],
    [
      "broken zstd",
      () => ({
        plain: Buffer.alloc(0),
        stored: Buffer.concat([Buffer.from("28b52ffd", "hex"), Buffer.alloc(100, 0xee)]),
      }),
      /zstd data is broken/,
    ],
    [
      "a zstd window of gigabytes",
      () => ({ plain: Buffer.alloc(0), stored: Buffer.from("28b52ffd00ff01000000", "hex") }),
      /zstd data is broken/,
    ],
    [
      "other content than the config says",
      () => ({ plain: tar({ name: "other" }), stored: tar({ name: "x" }) }),
      /the image's config says/,
    ],
  ];
  it.each(refused)("%s", async (_what, make, message) => {
    const made = make();
    const { plain, stored } = Buffer.isBuffer(made) ? { plain: made, stored: made } : made;
    const refusal = unpack(layer(), plain, { stored });
    await expect(refusal).rejects.toMatchObject({ code: expect.stringMatching(/^TS60(11|31)$/) });
    await expect(refusal).rejects.toThrow(message);
    await expect(refusal).rejects.toThrow(/^layer sha256:[0-9a-f]{64} /);
  });

  function wrongChecksum(bytes: Buffer): Buffer {
    const changed = Buffer.from(bytes);
    changed[changed.length - 8]! ^= 1;
    return changed;
  }
});

describe("a layer that tries to leave its folder is contained", () => {
  type Contained = [what: string, entries: () => RawEntry[], inside: string[]];
  const contained: Contained[] = [
    ["an absolute name", () => [{ name: `${host}/canary`, data: "x" }], ["canary"]],
    [
      "an absolute symlink as a folder",
      () => [
        { name: "s", type: "2", link: host },
        { name: host.slice(1), type: "5" },
        { name: "s/canary", data: "x" },
      ],
      ["canary", "s"],
    ],
    [
      "a relative symlink as a folder",
      () => [
        { name: "s", type: "2", link: `${up}etc` },
        { name: "etc", type: "5" },
        { name: "s/shadow", data: "x" },
      ],
      ["shadow", "s"],
    ],
    [
      "a chain of symlinks",
      () => [
        { name: "a", type: "2", link: "b" },
        { name: "b", type: "2", link: ".." },
        { name: "a/canary", data: "x" },
      ],
      ["canary", "a", "b"],
    ],
    [
      "a symlink swapped in between two entries",
      () => [
        { name: "etc", type: "5" },
        { name: "etc/a", data: "x" },
        { name: "etc", type: "2", link: `${host}/etc` },
        { name: host.slice(1), type: "5" },
        { name: `${host.slice(1)}/etc`, type: "5" },
        { name: "etc/shadow", data: "x" },
      ],
      ["etc", "shadow"],
    ],
    [
      "a symlink swapped in for a file that is written again",
      () => [
        { name: "f", data: "1" },
        { name: "f", type: "2", link: `${host}/canary` },
        { name: "f", data: "overwritten" },
      ],
      ["f"],
    ],
    [
      "a file written through its own symlink",
      () => [
        { name: "canary", type: "2", link: `${host}/canary` },
        { name: "canary", data: "overwritten" },
      ],
      ["canary"],
    ],
    [
      "a hardlink to a symlink, then written",
      () => [
        { name: "s", type: "2", link: `${host}/canary` },
        { name: "h", type: "1", link: "s" },
        { name: "h", data: "overwritten" },
      ],
      ["h", "s"],
    ],
    [
      "a hardlink through a symlinked folder",
      () => [
        { name: "s", type: "2", link: up },
        { name: "etc", type: "5" },
        { name: "etc/shadow", data: "own" },
        { name: "h", type: "1", link: "s/etc/shadow" },
      ],
      ["h", "shadow", "etc"],
    ],
    [
      "an absolute hardlink",
      () => [
        { name: "etc", type: "5" },
        { name: "etc/shadow", data: "own" },
        { name: "h", type: "1", link: "/etc/shadow" },
      ],
      ["h"],
    ],
    [
      "a whiteout through a symlink",
      () => [
        { name: "s", type: "2", link: host },
        { name: host.slice(1), type: "5" },
        { name: "s/.wh.canary" },
      ],
      ["s", "canary"],
    ],
    [
      "an opaque mark through a symlink",
      () => [
        { name: "s", type: "2", link: `${up}etc` },
        { name: "etc", type: "5" },
        { name: "s/.wh..wh..opq" },
      ],
      ["s", "etc"],
    ],
    [
      "a folder's mode through a symlink",
      () => [
        { name: "s", type: "2", link: `${host}/etc` },
        { name: "s", type: "5", mode: 0o777, uid: 77 },
      ],
      ["s"],
    ],
    [
      "removal of a tree that a symlink leads out of",
      () => [
        { name: "d", type: "5" },
        { name: "d/s", type: "2", link: host },
        { name: "d", data: "now a file" },
      ],
      ["d"],
    ],
    [
      "setuid on a symlink's target",
      () => [{ name: "s", type: "2", link: `${host}/canary`, mode: 0o6777, uid: 1 }],
      ["s"],
    ],
    [
      "attributes on a symlink's target",
      () => [{ name: "s", type: "2", link: `${host}/canary`, pax: { "SCHILY.xattr.trusted.x": "1" } }],
      ["s"],
    ],
    [
      "a name of dots and backslashes",
      () => [
        { name: "...", data: "x" },
        { name: "..\\..\\canary", data: "x" },
        { name: ".. /x", data: "x" },
      ],
      ["..."],
    ],
  ];
  it.each(contained)("%s", async (_what, entries, inside) => {
    const { fs } = await unpack(layer(), tar(...entries()));
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
