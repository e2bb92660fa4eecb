import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  readSync,
  type Stats,
} from "node:fs";
import { join } from "node:path";
import { type EntryTypeName, headerOf, type Member, padding, TRAILER } from "./tar-blocks.ts";

const CHUNK = 1 << 18;

interface PackOptions {
  /** The first component of every name. */
  name: string;
  /** In place of the files' own, where they cannot be kept. */
  owner: { uid: number; gid: number } | undefined;
  warn(message: string): void;
}

/**
 * A local file or folder as a tar stream. No symlink is followed: it is packed as one. A folder comes after what is in
 * it, so that one without write permission can be filled; but who is not root cannot change what is there with busybox's
 * tar: then it comes before, writable.
 */
export async function* pack(source: string, options: PackOptions): AsyncGenerator<Buffer> {
  yield* entry(source, options.name, options);
  yield TRAILER;
}

async function* entry(path: string, name: string, options: PackOptions): AsyncGenerator<Buffer> {
  const stat = lstatSync(path);
  const header = (type: EntryTypeName, as: string, linkpath?: string) =>
    headerFor(stat, options, { type, path: as, ...(linkpath === undefined ? {} : { linkpath }) });
  if (stat.isDirectory()) {
    if (options.owner) yield header("Directory", `${name}/`);
    for (const child of readdirSync(path).sort())
      yield* entry(join(path, child), `${name}/${child}`, options);
    if (!options.owner) yield header("Directory", `${name}/`);
  } else if (stat.isSymbolicLink()) yield header("SymbolicLink", name, readlinkSync(path));
  else if (stat.isFile()) yield* file(path, name, options);
  else options.warn(`skipping ${path}: it is no file, folder or symbolic link`);
}

/** A file that grows meanwhile is cut, one that shrinks is filled with zeros: the header has told its size. */
async function* file(path: string, name: string, options: PackOptions): AsyncGenerator<Buffer> {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    yield headerFor(stat, options, { type: "File", path: name });
    for (let left = stat.size; left > 0; ) {
      const chunk = Buffer.alloc(Math.min(left, CHUNK));
      const got = readSync(fd, chunk);
      const part = got === 0 ? chunk : chunk.subarray(0, got);
      left -= part.length;
      yield part;
    }
    yield padding(stat.size);
  } finally {
    closeSync(fd);
  }
}

function headerFor(
  stat: Stats,
  { owner }: PackOptions,
  what: Pick<Member, "type" | "path" | "linkpath">,
): Buffer {
  const ownFolder = owner !== undefined && what.type === "Directory";
  const { uid, gid } = owner ?? stat;
  return headerOf({
    ...what,
    mode: (stat.mode & 0o7777) | (ownFolder ? 0o700 : 0),
    uid,
    gid,
    size: what.type === "File" ? stat.size : 0,
    mtime: stat.mtime,
  });
}
