/** Writes archives of any kind, broken ones included: nothing here is checked. */
export interface RawEntry {
  name: string | Buffer;
  /** The type flag: "0" file (default), "1" hardlink, "2" symlink, "3" char, "4" block, "5" folder, "6" fifo, … */
  type?: string;
  data?: string | Buffer;
  link?: string | Buffer;
  mode?: number;
  uid?: number;
  gid?: number;
  mtime?: number;
  major?: number;
  minor?: number;
  /** Records of a PAX header before the entry; values may be bytes. */
  pax?: Record<string, string | Buffer>;
  /** Says another size than the data has. */
  size?: number | Buffer;
  /** Bytes written over the header before its checksum, by offset. */
  patch?: Record<number, Buffer>;
  /** Says another checksum. */
  checksum?: number;
}

const BLOCK = 512;
export const END = Buffer.alloc(2 * BLOCK);

/** The archive of these entries; a Buffer among them is taken as it is. */
export function tar(...entries: (RawEntry | Buffer)[]): Buffer {
  return Buffer.concat([...entries.map((entry) => (Buffer.isBuffer(entry) ? entry : tarEntry(entry))), END]);
}

export function tarEntry(entry: RawEntry): Buffer {
  const pieces: Buffer[] = [];
  if (entry.pax !== undefined) {
    const records = Buffer.concat(Object.entries(entry.pax).map(([key, value]) => paxRecord(key, value)));
    pieces.push(tarEntry({ name: "pax", type: "x", data: records }));
  }
  const data = Buffer.from(entry.data ?? "");
  pieces.push(header(entry, data.length), data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK));
  return Buffer.concat(pieces);
}

export function paxRecord(key: string, value: string | Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${key}=`), Buffer.from(value), Buffer.from("\n")]);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

/** GNU's binary numbers: big-endian with the first bit set. */
export function base256(value: bigint, width: number): Buffer {
  const field = Buffer.alloc(width, value < 0n ? 0xff : 0);
  for (let i = width - 1, rest = value; i >= 0; i--, rest >>= 8n) field[i] = Number(rest & 0xffn);
  field[0] = field[0]! | 0x80;
  return field;
}

function header(entry: RawEntry, dataSize: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  Buffer.from(entry.name).copy(block, 0, 0, 100);
  octal(block, 100, 8, entry.mode ?? (entry.type === "5" ? 0o755 : 0o644));
  octal(block, 108, 8, entry.uid ?? 0);
  octal(block, 116, 8, entry.gid ?? 0);
  if (Buffer.isBuffer(entry.size)) entry.size.copy(block, 124);
  else octal(block, 124, 12, entry.size ?? dataSize);
  octal(block, 136, 12, entry.mtime ?? 1_600_000_000);
  block.write(entry.type ?? "0", 156, "latin1");
  Buffer.from(entry.link ?? "").copy(block, 157, 0, 100);
  block.write("ustar\x0000", 257, "latin1");
  octal(block, 329, 8, entry.major ?? 0);
  octal(block, 337, 8, entry.minor ?? 0);
  for (const [offset, bytes] of Object.entries(entry.patch ?? {})) bytes.copy(block, Number(offset));
  block.fill(" ", 148, 156);
  const sum = entry.checksum ?? block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function octal(block: Buffer, offset: number, width: number, value: number): void {
  block.write(`${value.toString(8).padStart(width - 1, "0")}\0`, offset, "latin1");
}
