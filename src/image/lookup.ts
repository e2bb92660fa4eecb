import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { dirname, join } from "node:path";
import { imageError } from "./errors.ts";
import { readLayerMeta } from "./layer-meta.ts";

/** The kernel's limit for one path (path_resolution(7)). */
const MAX_SYMLINKS = 40;

/** A path of the union: the same path, with no symlink in it, in every layer that has it. */
interface Place {
  path: string[];
  /** Host folders that make up this folder, top first; for anything else the one host path that shows. */
  hosts: string[];
  kind: "dir" | "file" | "symlink" | "other";
}

/**
 * Reads a regular file of an image from its unpacked layers (TOP FIRST) without mounting them, as overlay would show
 * it: whiteouts and opaque folders hide, symlinks are followed within the image only. No step of the walk follows a
 * symlink on the host, so no image can lead it out. undefined: there is no such file. Throws TS6011 past `limitBytes`.
 */
export function readInLayers(layers: string[], path: string, limitBytes: number): Buffer | undefined {
  const place = resolveInLayers(layers, path);
  if (place === undefined || place.kind !== "file") return undefined;
  return readRegular(place.hosts[0]!, path, limitBytes);
}

function resolveInLayers(layers: string[], path: string): Place | undefined {
  const opaque = new OpaqueFolders(layers);
  const last = layers.findIndex((layer) => layers.length > 1 && opaque.has(layer, []));
  const root: Place = { path: [], hosts: last === -1 ? layers : layers.slice(0, last + 1), kind: "dir" };
  const trail: Place[] = [root];
  const rest = components(path);
  for (let followed = 0; rest.length > 0; ) {
    const name = rest.shift()!;
    const folder = trail.at(-1)!;
    if (folder.kind !== "dir") return undefined;
    if (name === "..") {
      if (trail.length > 1) trail.pop();
      continue;
    }
    const next = step(folder, name, layers, opaque);
    if (next === undefined) return undefined;
    if (next.kind !== "symlink") {
      trail.push(next);
      continue;
    }
    followed += 1;
    if (followed > MAX_SYMLINKS) return undefined;
    const target = readlinkSync(next.hosts[0]!);
    if (target.startsWith("/")) trail.length = 1;
    rest.unshift(...components(target));
  }
  return trail.at(-1);
}

/** One component further, as overlay merges: the top-most entry decides, and folders beneath a folder join it. */
function step(folder: Place, name: string, layers: string[], opaque: OpaqueFolders): Place | undefined {
  const path = [...folder.path, name];
  const hosts: string[] = [];
  for (const host of folder.hosts) {
    const at = join(host, name);
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    const kind = kindOf(stat);
    if (kind !== "dir" && hosts.length > 0) break;
    if (isWhiteout(stat)) return undefined;
    if (kind !== "dir") return { path, hosts: [at], kind };
    hosts.push(at);
    if (layers.length > 1 && opaque.has(at, path)) break;
  }
  return hosts.length > 0 ? { path, hosts, kind: "dir" } : undefined;
}

/** overlay's mark of a removed entry: a character device 0:0. */
function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}

function kindOf(stat: Stats): Place["kind"] {
  if (stat.isDirectory()) return "dir";
  if (stat.isSymbolicLink()) return "symlink";
  return stat.isFile() ? "file" : "other";
}

/** Node reads no xattrs, so opaque folders come from the record that the unpacker left beside the layer. */
class OpaqueFolders {
  readonly #layers: string[];
  readonly #known = new Map<string, Set<string>>();

  constructor(layers: string[]) {
    this.#layers = layers;
  }

  has(host: string, path: string[]): boolean {
    const layer = this.#layers.find((root) => host === root || host.startsWith(`${root}/`));
    if (layer === undefined) return false;
    let folders = this.#known.get(layer);
    if (folders === undefined) {
      folders = new Set(readLayerMeta(dirname(layer))?.opaque);
      this.#known.set(layer, folders);
    }
    return folders.has(`/${path.join("/")}`);
  }
}

function components(path: string): string[] {
  return path.split("/").filter((name) => name !== "" && name !== ".");
}

/** O_NONBLOCK: a fifo that came in the file's place would otherwise hold us for ever. */
function readRegular(host: string, path: string, limitBytes: number): Buffer | undefined {
  const fd = openSync(host, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return undefined;
    if (stat.size > limitBytes)
      throw imageError(
        "brokenLayer",
        `the image's ${path} has ${stat.size} bytes; no more than ${limitBytes} are read`,
        { path },
      );
    const bytes = Buffer.alloc(stat.size);
    let filled = 0;
    while (filled < bytes.length) {
      const count = readSync(fd, bytes, filled, bytes.length - filled, null);
      if (count === 0) break;
      filled += count;
    }
    return bytes.subarray(0, filled);
  } finally {
    closeSync(fd);
  }
}
