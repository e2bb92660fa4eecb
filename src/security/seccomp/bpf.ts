/** struct sock_filter with jumps by label: `jt`/`jf` name a label; undefined falls through. */
export interface Instruction {
  code: number;
  k: number;
  jt?: string;
  jf?: string;
}

// Classic BPF (include/uapi/linux/bpf_common.h).
export const LD_ABS = 0x20;
export const AND = 0x54;
export const JEQ = 0x15;
export const JGT = 0x25;
export const JGE = 0x35;
export const JA = 0x05;
export const RET = 0x06;

/** Offsets in struct seccomp_data. */
export const offsetOf = {
  number: 0,
  arch: 4,
  low: (argument: number) => 16 + 8 * argument,
  high: (argument: number) => 20 + 8 * argument,
};

/** The kernel's bound of a filter (BPF_MAXINSNS). */
export const maxInstructions = 4096;

/** Finished instructions: jumps are distances. */
export type Code = [code: number, jt: number, jf: number, k: number][];

/** A block of conditions with labels; small enough for 8-bit distances. */
export function assemble(items: readonly (Instruction | { label: string })[]): Code {
  const places = new Map<string, number>();
  const instructions: Instruction[] = [];
  for (const item of items) {
    if ("label" in item) places.set(item.label, instructions.length);
    else instructions.push(item);
  }
  return instructions.map(({ code, k, jt, jf }, index) => {
    const distance = (label: string | undefined) =>
      label === undefined ? 0 : (places.get(label) ?? Number.NaN) - index - 1;
    const [t, f] = [distance(jt), distance(jf)];
    if (!(t >= 0 && t < 256 && f >= 0 && f < 256))
      throw new RangeError("jump out of reach in a seccomp rule");
    return [code, t, f, k];
  });
}

/** `yes` if the number loaded is at least `k`, else `no`. A distance over 255 takes a jump of its own. */
export function branch(code: number, k: number, yes: Code, no: Code): Code {
  if (no.length < 256) return [[code, no.length, 0, k], ...no, ...yes];
  return [[code, 0, 1, k], [JA, 0, 0, no.length], ...no, ...yes];
}

/** struct sock_filter[] in hexadecimal, little endian. */
export function encode(code: Code): string {
  if (code.length > maxInstructions) throw new RangeError(`seccomp filter of ${code.length} instructions`);
  const buffer = Buffer.alloc(code.length * 8);
  for (const [index, [op, jt, jf, k]] of code.entries()) {
    buffer.writeUInt16LE(op, index * 8);
    buffer.writeUInt8(jt, index * 8 + 2);
    buffer.writeUInt8(jf, index * 8 + 3);
    buffer.writeUInt32LE(k >>> 0, index * 8 + 4);
  }
  return buffer.toString("hex");
}
