import type { DeviceRule } from "./devices.ts";

// struct bpf_cgroup_dev_ctx { u32 access_type; u32 major; u32 minor; }, access_type = access << 16 | type.
const accessBits: Record<string, number> = { m: 1, r: 2, w: 4 };
const typeNumber = { b: 1, c: 2 } as const;
const allAccess = 7;

// Registers: r1 context (then scratch), r2 type, r3 access, r4 major, r5 minor, r0 verdict.
const LDX_W = 0x61;
const AND64_IMM = 0x57;
const RSH64_IMM = 0x77;
const MOV64_REG = 0xbf;
const MOV64_IMM = 0xb7;
const JNE_IMM = 0x55;
const JNE_REG = 0x5d;
const EXIT = 0x95;

type Insn = [code: number, dst: number, src: number, off: number, imm: number];

/**
 * A BPF_PROG_TYPE_CGROUP_DEVICE program, as hex of struct bpf_insn[], that allows what one of the rules
 * allows and denies all else. Little endian, as all hosts tspod runs on.
 */
export function deviceProgram(rules: readonly DeviceRule[]): string {
  const program: Insn[] = [
    [LDX_W, 2, 1, 0, 0],
    [MOV64_REG, 3, 2, 0, 0],
    [AND64_IMM, 2, 0, 0, 0xffff],
    [RSH64_IMM, 3, 0, 0, 16],
    [LDX_W, 4, 1, 4, 0],
    [LDX_W, 5, 1, 8, 0],
  ];
  for (const rule of rules) program.push(...ruleBlock(rule));
  program.push([MOV64_IMM, 0, 0, 0, 0], [EXIT, 0, 0, 0, 0]);
  return encode(program);
}

/** Falls through to "allow" when the request is covered by the rule, else jumps behind the block. */
function ruleBlock(rule: DeviceRule): Insn[] {
  const access = [...rule.access].reduce((bits, letter) => bits | (accessBits[letter] ?? 0), 0);
  const tests: Insn[] = [[JNE_IMM, 2, 0, 0, typeNumber[rule.type]]];
  if (access !== allAccess) {
    // Every access asked for must be among those the rule allows.
    tests.push([MOV64_REG, 1, 3, 0, 0], [AND64_IMM, 1, 0, 0, access], [JNE_REG, 1, 3, 0, 0]);
  }
  if (rule.major !== -1) tests.push([JNE_IMM, 4, 0, 0, rule.major]);
  if (rule.minor !== -1) tests.push([JNE_IMM, 5, 0, 0, rule.minor]);
  const block: Insn[] = [...tests, [MOV64_IMM, 0, 0, 0, 1], [EXIT, 0, 0, 0, 0]];
  return block.map((insn, index) =>
    insn[0] === JNE_IMM || insn[0] === JNE_REG
      ? [insn[0], insn[1], insn[2], block.length - index - 1, insn[4]]
      : insn,
  );
}

function encode(program: readonly Insn[]): string {
  const buffer = Buffer.alloc(program.length * 8);
  for (const [index, [code, dst, src, off, imm]] of program.entries()) {
    buffer.writeUInt8(code, index * 8);
    buffer.writeUInt8(dst | (src << 4), index * 8 + 1);
    buffer.writeInt16LE(off, index * 8 + 2);
    buffer.writeInt32LE(imm, index * 8 + 4);
  }
  return buffer.toString("hex");
}
