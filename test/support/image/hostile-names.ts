import type { Refused } from "./hostile-format.ts";
import { tar, tarEntry } from "./tar.ts";

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
