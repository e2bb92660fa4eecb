import { posix } from "node:path";
import { Tree } from "./tree.mjs";

/**
 * A layer while it is put together, on top of others. A path goes where the links and folders beneath lead it, as when
 * dpkg unpacks: with `/bin` a link to `usr/bin`, the file `bin/sh` of a package is `usr/bin/sh` of the image.
 */
export class Layer {
  tree = new Tree();
  #below;

  /** @param {Layer | undefined} below */
  constructor(below) {
    this.#below = below;
  }

  /** A lowest layer from a tree that is put together already. */
  static of(tree) {
    const layer = new Layer();
    layer.tree = tree;
    return layer;
  }

  /** What the image has at this path, links of its parents followed. */
  get(path) {
    return this.#at(this.resolve(path));
  }

  /** Adds an entry, and the parents that it needs: a folder of a lower layer keeps its mode and owner. */
  add(path, entry) {
    let real = this.resolve(path);
    if (entry.type === "dir") {
      // A folder where a link to a folder is: the link stays.
      if (this.#at(real)?.type === "symlink") real = this.resolve(`${real}/.`);
      if (sameFolder(this.#at(real), entry)) return;
    }
    const parts = real.split("/");
    for (let i = 1; i < parts.length; i++) {
      const parent = parts.slice(0, i).join("/");
      if (!this.tree.has(parent)) this.tree.add(parent, this.#at(parent) ?? folder(0o755));
    }
    this.tree.add(real, entry.type === "hardlink" ? { ...entry, target: this.resolve(entry.target) } : entry);
  }

  /** The paths of the whole image. @returns {string[]} sorted */
  paths() {
    return [...new Set([...(this.#below?.paths() ?? []), ...this.tree.paths()])].sort();
  }

  /** The path with links of its parents followed, never out of the image; `path/.` follows the last part too. */
  resolve(path) {
    let rest = path.split("/");
    let real = "";
    for (let links = 0; rest.length > 0; ) {
      const part = rest.shift();
      if (part === "" || part === ".") continue;
      if (part === "..") {
        real = real.includes("/") ? posix.dirname(real) : "";
        continue;
      }
      const next = real === "" ? part : `${real}/${part}`;
      const entry = rest.length > 0 ? this.#at(next) : undefined;
      if (entry?.type !== "symlink") {
        real = next;
        continue;
      }
      links += 1;
      if (links > 40) throw new Error(`${path}: too many links on the way`);
      if (entry.target.startsWith("/")) real = "";
      rest = [...entry.target.split("/"), ...rest];
    }
    return real;
  }

  #at(real) {
    return this.tree.get(real) ?? this.#below?.#at(real);
  }
}

export function folder(mode, uid = 0, gid = 0) {
  return { type: "dir", mode, uid, gid };
}

function sameFolder(there, entry) {
  return there?.type === "dir" && ["mode", "uid", "gid"].every((key) => there[key] === entry[key]);
}
