import { Buffer } from "node:buffer";

/** Every file of a built image carries this time, so that the same input gives the same bytes. 2024-01-01T00:00:00Z. */
export const IMAGE_TIME = 1704067200;

/** The root filesystem of an image while it is put together: one entry a path, parents made as needed. */
export class Tree {
  #entries = new Map();

  /** @returns {this} */
  dir(path, { mode = 0o755, uid = 0, gid = 0 } = {}) {
    return this.#put(path, { type: "dir", mode, uid, gid });
  }

  /** @returns {this} */
  file(path, content, { mode = 0o644, uid = 0, gid = 0, xattrs } = {}) {
    return this.#put(path, { type: "file", mode, uid, gid, content: Buffer.from(content), xattrs });
  }

  /** @returns {this} */
  symlink(path, target) {
    return this.#put(path, { type: "symlink", mode: 0o777, uid: 0, gid: 0, target });
  }

  /** An entry as tar knows it, for what comes out of a package. @returns {this} */
  add(path, entry) {
    return this.#put(path, entry);
  }

  has(path) {
    return this.#entries.has(path);
  }

  get(path) {
    return this.#entries.get(path);
  }

  paths() {
    return [...this.#entries.keys()];
  }

  /** Removes the path and all beneath it. @returns {this} */
  remove(path) {
    for (const key of this.#entries.keys())
      if (key === path || key.startsWith(`${path}/`)) this.#entries.delete(key);
    return this;
  }

  /** In byte order, which puts every folder before what it holds, with hardlinks after all else. */
  *entries() {
    const sorted = [...this.#entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    for (const [path, entry] of sorted)
      if (entry.type !== "hardlink") yield { path, mtime: IMAGE_TIME, ...entry };
    for (const [path, entry] of sorted)
      if (entry.type === "hardlink") yield { path, mtime: IMAGE_TIME, ...entry };
  }

  #put(path, entry) {
    if (path === "" || path.startsWith("/") || path.split("/").some((part) => part === "" || part === ".."))
      throw new Error(`not a path of an image: ${JSON.stringify(path)}`);
    const parent = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    if (parent !== "" && !this.#entries.has(parent)) this.dir(parent);
    this.#entries.set(path, entry);
    return this;
  }
}
