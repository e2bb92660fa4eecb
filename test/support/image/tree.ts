import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { lstatSync, readdirSync, readFileSync, readlinkSync } from "node:fs";

/** All there is to know of one file, in a form that two trees can be compared by. */
export interface TreeEntry {
  mode: string;
  owner: string;
  size?: string;
  mtime: string;
  rdev?: string;
  target?: string;
  content?: string;
  /** The first path (in order) of the same inode, when there are several. */
  linkOf?: string;
  xattrs?: Record<string, string>;
}

export interface TreeOptions {
  /** Leave times of folders out (of tools that do not restore them). */
  folderTimes?: boolean;
  /** Whole seconds only (of tools that cut the rest). */
  wholeSeconds?: boolean;
  /** Only attributes that this accepts. */
  xattr?: (name: string) => boolean;
}

/** Reads a tree as data; names are read as bytes (latin1), so that any can be told apart. */
export function readTree(root: string, options: TreeOptions = {}): Record<string, TreeEntry> {
  const entries: Record<string, TreeEntry> = {};
  const inodes = new Map<string, string>();
  const attributes = readXattrs(root, options.xattr ?? (() => true));
  const visit = (host: Buffer, path: string) => {
    const stat = lstatSync(host, { bigint: true });
    const inode = `${stat.dev}:${stat.ino}`;
    const first = inodes.get(inode);
    if (first === undefined) inodes.set(inode, path);
    const mtime = options.wholeSeconds ? stat.mtimeNs / 1_000_000_000n : stat.mtimeNs;
    const isTimed = options.folderTimes !== false || !stat.isDirectory();
    const xattrs = attributes[path];
    entries[path] = {
      mode: stat.mode.toString(8),
      owner: `${stat.uid}:${stat.gid}`,
      mtime: isTimed ? String(mtime) : "",
      ...(stat.isFile() ? { size: String(stat.size), content: sha256(host) } : {}),
      ...(stat.isCharacterDevice() || stat.isBlockDevice() ? { rdev: String(stat.rdev) } : {}),
      ...(stat.isSymbolicLink() ? { target: readlinkSync(host, "latin1") } : {}),
      ...(first !== undefined && !stat.isDirectory() ? { linkOf: first } : {}),
      ...(xattrs !== undefined ? { xattrs } : {}),
    };
    if (!stat.isDirectory()) return;
    const names = readdirSync(host, { encoding: "buffer" }).sort(Buffer.compare);
    for (const name of names)
      visit(
        Buffer.concat([host, Buffer.from("/"), name]),
        path === "" ? name.toString("latin1") : `${path}/${name.toString("latin1")}`,
      );
  };
  visit(Buffer.from(root), "");
  return entries;
}

function sha256(host: Buffer): string {
  return createHash("sha256").update(readFileSync(host)).digest("hex");
}

/** getfattr(1) writes odd bytes of names as octal escapes. */
function readXattrs(
  root: string,
  accepts: (name: string) => boolean,
): Record<string, Record<string, string>> {
  const dump = execFileSync(
    "getfattr",
    ["-R", "-P", "-h", "-d", "-m", "-", "-e", "hex", "--absolute-names", root],
    {
      encoding: "latin1",
      maxBuffer: 1 << 28,
    },
  );
  const found: Record<string, Record<string, string>> = {};
  for (const block of dump.split("\n\n")) {
    const [first = "", ...lines] = block.split("\n").filter((line) => line !== "");
    const file = first
      .replace("# file: ", "")
      .replace(/\\([0-7]{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));
    const pairs = lines.map((line) => line.split("=") as [string, string]).filter(([name]) => accepts(name));
    if (pairs.length > 0) found[file.slice(root.length).replace(/^\//, "")] = Object.fromEntries(pairs);
  }
  return found;
}
