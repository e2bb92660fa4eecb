import { Buffer } from "node:buffer";

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20;
/** 2024-01-01 in MS-DOS's count. */
const DATE = ((2024 - 1980) << 9) | (1 << 5) | 1;

/**
 * A zip archive of uncompressed files, which is what a WAR is; the same files give the same bytes.
 *
 * @param {{ path: string, content: Buffer }[]} files
 * @returns {Buffer}
 */
export function zip(files) {
  const bodies = [];
  const directory = [];
  let offset = 0;
  for (const { path, content } of files) {
    const name = Buffer.from(path);
    const local = Buffer.concat([header(LOCAL, name, content), name, content]);
    const central = Buffer.concat([header(CENTRAL, name, content, offset), name]);
    bodies.push(local);
    directory.push(central);
    offset += local.length;
  }
  const size = directory.reduce((total, { length }) => total + length, 0);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(size, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end]);
}

/** Both headers hold the same fields; the central one has a version more before them and its offset after them. */
function header(signature, name, content, offset = 0) {
  const isCentral = signature === CENTRAL;
  const bytes = Buffer.alloc(isCentral ? 46 : 30);
  bytes.writeUInt32LE(signature, 0);
  const at = isCentral ? 2 : 0;
  if (isCentral) bytes.writeUInt16LE(VERSION, 4);
  bytes.writeUInt16LE(VERSION, 4 + at);
  bytes.writeUInt16LE(DATE, 12 + at);
  bytes.writeUInt32LE(crc32(content), 14 + at);
  bytes.writeUInt32LE(content.length, 18 + at);
  bytes.writeUInt32LE(content.length, 22 + at);
  bytes.writeUInt16LE(name.length, 26 + at);
  if (isCentral) bytes.writeUInt32LE(offset, 42);
  return bytes;
}

/** zlib's own came with Node 20.15. */
function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}
