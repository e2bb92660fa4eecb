import { gzipSync } from "node:zlib";
import { base256, tar, tarEntry } from "./tar.ts";

/** The archive (as it is stored, when that is another thing) and what the refusal says. */
export type Refused = [
  what: string,
  archive: () => Buffer | { plain: Buffer; stored: Buffer },
  message: RegExp,
];

/** Layers that are broken, or lie about their sizes. */
export const HOSTILE_FORMAT: Refused[] = [
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
  ["an owner beyond 32 bits", () => tar({ name: "x", pax: { uid: "4294967296" } }), /PAX\) header is broken/],
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
      stored: Buffer.concat([gzipSync(Buffer.alloc(9999, "abc")).subarray(0, 20), Buffer.alloc(3000, 0xff)]),
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

function wrongChecksum(bytes: Buffer): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.length - 8]! ^= 1;
  return changed;
}
