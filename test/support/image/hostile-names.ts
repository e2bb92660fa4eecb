import type { Refused } from "./hostile-format.ts";
import { paxRecord, type RawEntry, tar, tarEntry } from "./tar.ts";

const up = "../".repeat(12);
const long = "n".repeat(300);

/** Layers whose names, links or marks reach for what is not theirs. */
export const HOSTILE_NAMES: Refused[] = [
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
    "a GNU long link with ..",
    () =>
      tar(
        { name: "L", type: "K", data: `${up}etc/${long}/../shadow\0` },
        { name: "h", type: "1", link: "x" },
      ),
    /leads out/,
  ],
  [
    "a PAX link with ..",
    () => tar({ name: "h", type: "1", link: "ok", pax: { linkpath: `${up}etc/shadow` } }),
    /leads out of the layer/,
  ],
  [
    "an entry that hides in the data of a symlink, which has none",
    () => tar({ name: "s", type: "2", link: "x", data: tarEntry({ name: "../../canary", data: "x" }) }),
    /leads out of the layer/,
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
];

export type Contained = [what: string, entries: (host: string) => RawEntry[], inside: string[]];

/** Layers that are honest to read, and would leave their folder if anything but the folder were looked at. */
export const CONTAINED: Contained[] = [
  ["an absolute name", (host) => [{ name: `${host}/canary`, data: "x" }], ["canary"]],
  [
    "an absolute symlink as a folder",
    (host) => [
      { name: "s", type: "2", link: host },
      { name: host.slice(1), type: "5" },
      { name: "s/canary", data: "x" },
    ],
    ["canary", "s"],
  ],
  [
    "a relative symlink as a folder",
    (_host) => [
      { name: "s", type: "2", link: `${up}etc` },
      { name: "etc", type: "5" },
      { name: "s/shadow", data: "x" },
    ],
    ["shadow", "s"],
  ],
  [
    "a chain of symlinks",
    (_host) => [
      { name: "a", type: "2", link: "b" },
      { name: "b", type: "2", link: ".." },
      { name: "a/canary", data: "x" },
    ],
    ["canary", "a", "b"],
  ],
  [
    "a symlink swapped in between two entries",
    (host) => [
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
    (host) => [
      { name: "f", data: "1" },
      { name: "f", type: "2", link: `${host}/canary` },
      { name: "f", data: "overwritten" },
    ],
    ["f"],
  ],
  [
    "a file written through its own symlink",
    (host) => [
      { name: "canary", type: "2", link: `${host}/canary` },
      { name: "canary", data: "overwritten" },
    ],
    ["canary"],
  ],
  [
    "a hardlink to a symlink, then written",
    (host) => [
      { name: "s", type: "2", link: `${host}/canary` },
      { name: "h", type: "1", link: "s" },
      { name: "h", data: "overwritten" },
    ],
    ["h", "s"],
  ],
  [
    "a hardlink through a symlinked folder",
    (_host) => [
      { name: "s", type: "2", link: up },
      { name: "etc", type: "5" },
      { name: "etc/shadow", data: "own" },
      { name: "h", type: "1", link: "s/etc/shadow" },
    ],
    ["h", "shadow", "etc"],
  ],
  [
    "an absolute hardlink",
    (_host) => [
      { name: "etc", type: "5" },
      { name: "etc/shadow", data: "own" },
      { name: "h", type: "1", link: "/etc/shadow" },
    ],
    ["h"],
  ],
  [
    "a whiteout through a symlink",
    (host) => [
      { name: "s", type: "2", link: host },
      { name: host.slice(1), type: "5" },
      { name: "s/.wh.canary" },
    ],
    ["s", "canary"],
  ],
  [
    "an opaque mark through a symlink",
    (_host) => [
      { name: "s", type: "2", link: `${up}etc` },
      { name: "etc", type: "5" },
      { name: "s/.wh..wh..opq" },
    ],
    ["s", "etc"],
  ],
  [
    "a folder's mode through a symlink",
    (host) => [
      { name: "s", type: "2", link: `${host}/etc` },
      { name: "s", type: "5", mode: 0o777, uid: 77 },
    ],
    ["s"],
  ],
  [
    "removal of a tree that a symlink leads out of",
    (host) => [
      { name: "d", type: "5" },
      { name: "d/s", type: "2", link: host },
      { name: "d", data: "now a file" },
    ],
    ["d"],
  ],
  [
    "setuid on a symlink's target",
    (host) => [{ name: "s", type: "2", link: `${host}/canary`, mode: 0o6777, uid: 1 }],
    ["s"],
  ],
  [
    "attributes on a symlink's target",
    (host) => [{ name: "s", type: "2", link: `${host}/canary`, pax: { "SCHILY.xattr.trusted.x": "1" } }],
    ["s"],
  ],
  [
    "a global header that names a path for all",
    (_host) => [
      { name: "g", type: "g", data: paxRecord("path", `${up}canary`) },
      { name: "own", data: "x" },
    ],
    ["own"],
  ],
  [
    "two paths in one PAX header, an old name and a GNU name",
    (_host) => [
      {
        name: "x",
        type: "x",
        data: Buffer.concat([paxRecord("path", `${up}canary`), paxRecord("path", "own")]),
      },
      { name: `${up}canary`, data: "x" },
    ],
    ["own"],
  ],
  [
    "a hardlink to itself",
    (_host) => [
      { name: "own", data: "x" },
      { name: "h", type: "1", link: "h" },
    ],
    ["own"],
  ],
  [
    "a hardlink to what a later entry turns into a symlink",
    (host) => [
      { name: "own", data: "x" },
      { name: "h", type: "1", link: "own" },
      { name: "own", type: "2", link: `${host}/canary` },
      { name: "h", data: "overwritten" },
    ],
    ["own", "h"],
  ],
  [
    "a whiteout of a folder that leads out through a symlink, and entries beneath it",
    (host) => [
      { name: "d", type: "5" },
      { name: "d/s", type: "2", link: host },
      { name: ".wh.d" },
      { name: "d/s/../canary", data: "x" },
    ],
    ["d"],
  ],
  [
    "a name of dots and backslashes",
    (_host) => [
      { name: "...", data: "x" },
      { name: "..\\..\\canary", data: "x" },
      { name: ".. /x", data: "x" },
    ],
    ["..."],
  ],
];
