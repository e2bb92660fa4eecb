import { Header } from "tar";

export type EntryTypeName = "File" | "Directory" | "SymbolicLink";

export interface Member {
  type: EntryTypeName;
  path: string;
  mode: number;
  uid: number;
  gid: number;
  size: number;
  mtime: Date;
  linkpath?: string;
}

const BLOCK = 512;
/** Longest name that fits into the header itself. */
const SHORT = 100;

/** Two empty blocks end an archive. */
export const TRAILER = Buffer.alloc(2 * BLOCK);

/** Zeros up to the next block. */
export function padding(size: number): Buffer {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

/** The blocks before a member's content. Long names are GNU's (types L and K): busybox's tar does not read pax headers. */
export function headerOf(member: Member): Buffer {
  const { path, linkpath = "" } = member;
  return Buffer.concat([
    ...(isLong(linkpath) ? [longName("NextFileHasLongLinkpath", linkpath)] : []),
    ...(isLong(path) ? [longName("NextFileHasLongPath", path)] : []),
    block({ ...member, path: short(path), ...(linkpath === "" ? {} : { linkpath: short(linkpath) }) }),
  ]);
}

function longName(type: "NextFileHasLongPath" | "NextFileHasLongLinkpath", name: string): Buffer {
  const data = Buffer.from(`${name}\0`);
  return Buffer.concat([
    block({ type, path: "././@LongLink", mode: 0, uid: 0, gid: 0, size: data.length, mtime: new Date(0) }),
    data,
    padding(data.length),
  ]);
}

function block(data: ConstructorParameters<typeof Header>[0]): Buffer {
  const header = new Header(data as object);
  const bytes = Buffer.alloc(BLOCK);
  header.encode(bytes, 0);
  return bytes;
}

function isLong(name: string): boolean {
  return Buffer.byteLength(name) >= SHORT;
}

function short(name: string): string {
  return isLong(name)
    ? Buffer.from(name)
        .subarray(0, SHORT - 1)
        .toString("latin1")
    : name;
}
