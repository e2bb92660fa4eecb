import { paxRecord, type RawEntry } from "./tar.ts";

const up = "../".repeat(12);

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
