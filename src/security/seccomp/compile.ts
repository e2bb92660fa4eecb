import { TspodError } from "../../errors/tspod-error.ts";
import { type Abi, abiOf, auditArch, hostAbis, multiplexed, syscallNumbers, x32Bit } from "./abi.ts";
import { branch, type Code, encode, JEQ, JGE, LD_ABS, offsetOf, RET } from "./bpf.ts";
import { type ConditionalRule, conditionalCode } from "./conditions.ts";
import type { SeccompArg, SeccompProfile, SeccompRule, SeccompTarget } from "./profile.ts";
import { alternatives, applies, verdictOf } from "./rules.ts";

const killProcess = verdictOf("SCMP_ACT_KILL_PROCESS", undefined);
const noSuchCall = verdictOf("SCMP_ACT_ERRNO", 38);

/** ARM's private calls start here; they say nothing of how new a profile is. */
const privateCalls = 0xf0000;

/** All that is said of one system call. */
interface Treatment {
  conditional: ConditionalRule[];
  /** When no condition holds. */
  otherwise: number;
  wide: boolean;
}

/**
 * Compiles a profile to struct sock_filter[] as hex. Conditions come before a rule without any for the same
 * call. A call newer than all the profile names gets ENOSYS, so that programs fall back to older ones; calls
 * by an ABI the profile does not list end the process.
 */
export function compileSeccomp(profile: SeccompProfile, target: SeccompTarget): string {
  const host = hostAbis(target.arch);
  if (host === undefined) {
    throw new TspodError({
      code: "TS4321",
      message: `seccomp profiles cannot be compiled for ${target.arch}`,
      hint: "set securityContext.seccompProfile.type: Unconfined",
      exitCode: 3,
    });
  }
  const abis = selected(profile, host.abis);
  const rules = (profile.syscalls ?? []).filter((rule) => applies(rule, target, host.goArch));
  let code: Code = [[RET, 0, 0, killProcess]];
  for (const arch of new Set(abis.map((abi) => auditArch[abi]))) {
    const sharing = abis.filter((abi) => auditArch[abi] === arch);
    code = branch(
      JEQ,
      arch,
      [[LD_ABS, 0, 0, offsetOf.number], ...numberTree(segments(profile, rules, sharing))],
      code,
    );
  }
  return encode([[LD_ABS, 0, 0, offsetOf.arch], ...code]);
}

/** The profile's architectures among the host's; the host's own is always one. */
function selected(profile: SeccompProfile, host: readonly Abi[]): Abi[] {
  const own = host[0] as Abi;
  const mapped = profile.archMap?.find((entry) => abiOf(entry.architecture) === own);
  const names = mapped
    ? [mapped.architecture, ...(mapped.subArchitectures ?? [])]
    : (profile.architectures ?? []);
  const wanted = names.map(abiOf).filter((abi) => abi !== undefined && host.includes(abi)) as Abi[];
  return [...new Set([own, ...wanted])];
}

/** From this system call number on, until the next segment. */
interface Segment {
  from: number;
  code: Code;
  key: string;
}

/** The whole range of numbers under one audit architecture, cut where the treatment changes. */
function segments(profile: SeccompProfile, rules: readonly SeccompRule[], abis: readonly Abi[]): Segment[] {
  const fallback = verdictOf(profile.defaultAction, profile.defaultErrnoRet);
  const permissive = ["SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_TRACE"].includes(profile.defaultAction);
  const unknown = permissive ? fallback : noSuchCall;
  const list: Segment[] = [];
  const add = (from: number, treatment: Treatment) => {
    const { conditional, otherwise } = treatment;
    const key = conditional.length === 0 ? `${otherwise}` : JSON.stringify(treatment);
    if (list.at(-1)?.key === key) return;
    list.push({
      from,
      key,
      code: conditionalCode(treatment.conditional, treatment.otherwise, treatment.wide),
    });
  };
  const plain = (verdict: number): Treatment => ({ conditional: [], otherwise: verdict, wide: true });
  for (const abi of abis) {
    const calls = treatments(rules, abi, fallback);
    const base = abi === "x32" ? x32Bit : 0;
    const newest = Math.max(base, ...[...calls.keys()].filter((number) => number - base < privateCalls));
    let next = base;
    for (const number of [...calls.keys()].sort((a, b) => a - b)) {
      if (number > next) add(next, plain(next > newest ? unknown : fallback));
      add(number, calls.get(number) as Treatment);
      next = number + 1;
    }
    add(next, plain(unknown));
  }
  if (abis.includes("x86_64") && !abis.includes("x32")) add(x32Bit, plain(killProcess));
  // A tracer writes -1 to skip a call.
  add(0xffffffff, plain(fallback));
  return list;
}

/** What the rules say of each system call of an ABI, by number. */
function treatments(rules: readonly SeccompRule[], abi: Abi, fallback: number): Map<number, Treatment> {
  const numbers = syscallNumbers(abi);
  const wide = abi !== "x86" && abi !== "arm";
  const result = new Map<number, Treatment>();
  const settled = new Set<number>();
  const add = (number: number, args: SeccompArg[], verdict: number) => {
    const treatment = result.get(number) ?? { conditional: [], otherwise: fallback, wide };
    result.set(number, treatment);
    if (args.length > 0) {
      treatment.conditional.push({ args, verdict });
    } else if (!settled.has(number)) {
      settled.add(number);
      treatment.otherwise = verdict;
    }
  };
  for (const rule of rules) {
    const verdict = verdictOf(rule.action, rule.errnoRet);
    const conditions = alternatives(rule.args ?? []);
    for (const name of rule.names ?? (rule.name === undefined ? [] : [rule.name])) {
      const number = numbers.get(name);
      if (number !== undefined) for (const args of conditions) add(number, args, verdict);
      const shared = abi === "x86" ? multiplexed[name] : undefined;
      const call = shared === undefined ? undefined : numbers.get(shared.call);
      // The arguments proper are in memory there, where no filter can look.
      if (shared !== undefined && call !== undefined) {
        add(call, [{ index: 0, value: shared.number, op: "SCMP_CMP_EQ" }], verdict);
      }
    }
  }
  for (const { conditional, otherwise } of result.values()) {
    // Conditions that change nothing need not be tried.
    while (conditional.at(-1)?.verdict === otherwise) conditional.pop();
  }
  return result;
}

/** Binary search for the segment of the number that is loaded. */
function numberTree(list: readonly Segment[], from = 0, to = list.length): Code {
  const middle = (from + to) >> 1;
  const pivot = list[middle];
  if (pivot === undefined) return [];
  if (to - from === 1) return pivot.code;
  return branch(JGE, pivot.from, numberTree(list, middle, to), numberTree(list, from, middle));
}
