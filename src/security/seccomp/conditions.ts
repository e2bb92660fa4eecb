import { AND, assemble, type Code, type Instruction, JEQ, JGE, JGT, LD_ABS, offsetOf, RET } from "./bpf.ts";
import type { SeccompArg } from "./profile.ts";

/** One rule of a system call, with the value to return when all its conditions hold. */
export interface ConditionalRule {
  args: SeccompArg[];
  verdict: number;
}

/** Tries the rules in order; `otherwise` when none holds. `wide`: arguments have 64 bits. */
export function conditionalCode(rules: readonly ConditionalRule[], otherwise: number, wide: boolean): Code {
  const blocks = rules.map(({ args, verdict }) =>
    assemble([
      ...args.flatMap((arg, index) => condition(arg, `next${index}`, wide)),
      { code: RET, k: verdict },
      { label: "fail" },
    ]),
  );
  return [...blocks.flat(), [RET, 0, 0, otherwise]];
}

type Item = Instruction | { label: string };

/** Jumps to `fail` unless the condition holds; continues at `next` otherwise. */
function condition(arg: SeccompArg, next: string, wide: boolean): Item[] {
  const value = BigInt(arg.value);
  const items: Item[] = [];
  const two = wide && arg.low !== true;
  if (two) items.push({ code: LD_ABS, k: offsetOf.high(arg.index) }, ...highWord(arg, value, next));
  items.push({ code: LD_ABS, k: offsetOf.low(arg.index) }, ...lowWord(arg, value));
  items.push({ label: next });
  return items;
}

/** What the masked argument must be: bits outside the mask do not count, as libseccomp reads such profiles. */
const masked = ({ value, valueTwo = 0 }: SeccompArg) => BigInt(value) & BigInt(valueTwo);
const high = (value: bigint) => Number(value >> 32n);
const low = (value: bigint) => Number(value & 0xffffffffn);

/** Decides on the upper half alone where it can; falls through to the lower half where the halves are equal. */
function highWord(arg: SeccompArg, value: bigint, next: string): Item[] {
  const k = high(value);
  switch (arg.op) {
    case "SCMP_CMP_EQ":
      return [{ code: JEQ, k, jf: "fail" }];
    case "SCMP_CMP_NE":
      return [{ code: JEQ, k, jf: next }];
    case "SCMP_CMP_GT":
    case "SCMP_CMP_GE":
      return [
        { code: JGT, k, jt: next },
        { code: JEQ, k, jf: "fail" },
      ];
    case "SCMP_CMP_LT":
    case "SCMP_CMP_LE":
      return [
        { code: JGT, k, jt: "fail" },
        { code: JEQ, k, jf: next },
      ];
    case "SCMP_CMP_MASKED_EQ":
      return [
        { code: AND, k },
        { code: JEQ, k: high(masked(arg)), jf: "fail" },
      ];
  }
}

function lowWord(arg: SeccompArg, value: bigint): Item[] {
  const k = low(value);
  switch (arg.op) {
    case "SCMP_CMP_EQ":
      return [{ code: JEQ, k, jf: "fail" }];
    case "SCMP_CMP_NE":
      return [{ code: JEQ, k, jt: "fail" }];
    case "SCMP_CMP_GT":
      return [{ code: JGT, k, jf: "fail" }];
    case "SCMP_CMP_GE":
      return [{ code: JGE, k, jf: "fail" }];
    case "SCMP_CMP_LT":
      return [{ code: JGE, k, jt: "fail" }];
    case "SCMP_CMP_LE":
      return [{ code: JGT, k, jt: "fail" }];
    case "SCMP_CMP_MASKED_EQ":
      return [
        { code: AND, k },
        { code: JEQ, k: low(masked(arg)), jf: "fail" },
      ];
  }
}
