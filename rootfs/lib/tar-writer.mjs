import { Buffer } from "node:buffer";

const BLOCK = 512;
const TYPE = { file: "0", hardlink: "1", symlink: "2", char: "3", block: "4", dir: "5", fifo: "6" };

/**
 * Writes POSIX tar whose bytes depend on the entries alone: no user names of this machine, whole seconds,
 * extended (PAX) headers only where ustar's fields are too short.
 *
 * @param {Iterable<{path: string, type: keyof typeof TYPE, mode: number, uid: number, gid: number, mtime: number,
 *   content?: Buffer, target?: string, major?: number, minor?: number, xattrs?: Record<string, string>}>} entries
 * @returns {Generator<Buffer>} the archive, piece by piece, with its two closing blocks
 */
export function* tarStream(entries) {
  for (const entry of entries) {
    const path = entry.type === "dir" ? `${entry.path}/` : entry.path;
    const content = entry.content ?? Buffer.alloc(0);
    const records = paxRecords(entry, path, content.length);
    if (records.length > 0) {
      const body = Buffer.concat(records);
      yield header({ ...entry, type: "file" }, `PaxHeaders/${path}`.slice(0, 90), body.length, "x");
      yield body;
      yield padding(body.length);
    }
    yield header(entry, path, content.length, TYPE[entry.type]);
    if (content.length > 0) {
      yield content;
      yield padding(content.length);
    }
  }
  yield Buffer.alloc(2 * BLOCK);
}

function paxRecords(entry, path, size) {
  const records = [];
  if (Buffer.byteLength(path) > 100) records.push(paxRecord("path", path));
  if (entry.target !== undefined && Buffer.byteLength(entry.target) > 100)
    records.push(paxRecord("linkpath", entry.target));
  if (size >= 0o100000000000) records.push(paxRecord("size", String(size)));
  for (const name of Object.keys(entry.xattrs ?? {}).sort())
    records.push(paxRecord(`SCHILY.xattr.${name}`, Buffer.from(entry.xattrs[name], "hex")));
  return records;
}

/** A record counts its own length, digits included. */
function paxRecord(key, value) {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function header(entry, path, size, typeflag) {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(path).copy(block, 0, 0, 100);
  octal(block, 100, 8, entry.mode & 0o7777);
  octal(block, 108, 8, entry.uid);
  octal(block, 116, 8, entry.gid);
  octal(block, 124, 12, typeflag === "0" || typeflag === "x" ? Math.min(size, 0o77777777777) : 0);
  octal(block, 136, 12, entry.mtime);
  block.write(typeflag, 156);
  if (entry.target !== undefined) Buffer.from(entry.target).copy(block, 157, 0, 100);
  block.write("ustar\0" + "00", 257, "latin1");
  octal(block, 329, 8, entry.major ?? 0);
  octal(block, 337, 8, entry.minor ?? 0);
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(block, offset, width, value) {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset, "latin1");
}

function padding(size) {
  return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}
