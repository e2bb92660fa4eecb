/** A classic BPF machine for seccomp filters (the subset the kernel allows them). */
export interface SeccompData {
  number: number;
  arch: number;
  /** 64-bit arguments. */
  args: readonly bigint[];
}

export type Filter = readonly (readonly [code: number, jt: number, jf: number, k: number])[];

/** Reads struct sock_filter[] from hex. */
export function decodeFilter(hex: string): Filter {
  const buffer = Buffer.from(hex, "hex");
  return Array.from({ length: buffer.length / 8 }, (_, index) => [
    buffer.readUInt16LE(index * 8),
    buffer.readUInt8(index * 8 + 2),
    buffer.readUInt8(index * 8 + 3),
    buffer.readUInt32LE(index * 8 + 4),
  ]);
}

/** Runs a filter; returns its verdict. Throws for what the kernel would refuse to load. */
export function run(filter: Filter, data: SeccompData): number {
  let accumulator = 0;
  for (let at = 0; ; at++) {
    const instruction = filter[at];
    if (instruction === undefined) throw new Error(`fell off the filter at ${at}`);
    const [code, jt, jf, k] = instruction;
    switch (code) {
      case 0x20:
        accumulator = load(data, k);
        break;
      case 0x54:
        accumulator = (accumulator & k) >>> 0;
        break;
      case 0x15:
        at += accumulator === k ? jt : jf;
        break;
      case 0x25:
        at += accumulator > k ? jt : jf;
        break;
      case 0x35:
        at += accumulator >= k ? jt : jf;
        break;
      case 0x05:
        at += k;
        break;
      case 0x06:
        return k;
      default:
        throw new Error(`instruction 0x${code.toString(16)} at ${at}`);
    }
  }
}

function load({ number, arch, args }: SeccompData, offset: number): number {
  if (offset === 0) return number;
  if (offset === 4) return arch;
  const word = (offset - 16) / 4;
  const argument = args[word >> 1];
  if (argument === undefined) throw new Error(`load at ${offset}`);
  return Number((word & 1 ? argument >> 32n : argument) & 0xffffffffn);
}
