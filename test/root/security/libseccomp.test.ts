import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { allCapabilities, defaultCapabilities } from "../../../src/security/capabilities.ts";
import { type Abi, auditArch, syscallNumbers, x32Bit } from "../../../src/security/seccomp/abi.ts";
import { compileSeccomp } from "../../../src/security/seccomp/compile.ts";
import type { SeccompArg, SeccompProfile, SeccompTarget } from "../../../src/security/seccomp/profile.ts";
import { alternatives, applies, verdictOf } from "../../../src/security/seccomp/rules.ts";
import { runtimeDefaultProfile } from "../../../src/security/seccomp/runtime-default.ts";
import { decodeFilter, type Filter, run } from "../../unit/security/bpf-machine.ts";

// What libseccomp makes of the same profiles, compiled by a small program against the distribution's library.
const folder = mkdtempSync(join(tmpdir(), "tspod-oracle-"));
const program = join(folder, "oracle");
const source = new URL("libseccomp-oracle.c", import.meta.url).pathname;

beforeAll(() => {
  const built = spawnSync("gcc", ["-O1", "-o", program, source, "-lseccomp"], { encoding: "utf8" });
  expect(built.stderr).toBe("");
});
afterAll(() => rmSync(folder, { recursive: true }));

const token: Record<Abi, string> = {
  x86_64: "c000003e",
  x32: "4000003e",
  x86: "40000003",
  aarch64: "c00000b7",
  arm: "40000028",
};
const abis: Record<string, Abi[]> = { x64: ["x86_64", "x86", "x32"], arm64: ["aarch64", "arm"] };
const operators = ["", "NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((name) => `SCMP_CMP_${name}`);

function oracle(input: string): string[] {
  const result = spawnSync(program, { input, encoding: "utf8", maxBuffer: 1 << 26 });
  expect(result.stderr).toBe("");
  return result.stdout.trim().split("\n");
}

/** Names for which the library of this machine has every number we have: an older one lacks the newest. */
let known: Set<string> | undefined;
function knownNames(): Set<string> {
  if (known !== undefined) return known;
  const all = Object.keys(token) as Abi[];
  known = new Set(all.flatMap((abi) => [...syscallNumbers(abi).keys()]));
  for (const abi of all) {
    const names = [...syscallNumbers(abi).keys()];
    const [line = ""] = oracle(`names ${token[abi]} ${names.join(" ")}\n`);
    const answers = line.trim().split(" ");
    for (const [index, name] of names.entries()) if (!/\d/.test(answers[index] ?? "")) known.delete(name);
  }
  return known;
}

function libseccomp(profile: SeccompProfile, target: SeccompTarget): Filter {
  const lines = [`default ${verdictOf(profile.defaultAction, profile.defaultErrnoRet).toString(16)}`];
  for (const abi of abis[target.arch] ?? []) lines.push(`arch ${token[abi]}`);
  const goArch = target.arch === "x64" ? "amd64" : "arm64";
  for (const rule of (profile.syscalls ?? []).filter((each) => applies(each, target, goArch))) {
    const verdict = verdictOf(rule.action, rule.errnoRet).toString(16);
    for (const name of rule.names ?? []) {
      if (!knownNames().has(name)) continue;
      for (const args of alternatives(rule.args ?? [])) {
        const texts = args.map((arg) => {
          return `${arg.index} ${operators.indexOf(arg.op)} ${BigInt(arg.value)} ${BigInt(arg.valueTwo ?? 0)}`;
        });
        lines.push(`rule ${verdict} ${name} ${texts.length} ${texts.join(" ")}`);
      }
    }
  }
  return decodeFilter(oracle(`${lines.join("\n")}\nend\n`)[0] ?? "");
}

/** The profile without the names this machine's library lacks, so that both sides are told the same. */
function common(profile: SeccompProfile): SeccompProfile {
  return {
    ...profile,
    syscalls: (profile.syscalls ?? []).map((rule) => ({
      ...rule,
      names: (rule.names ?? []).filter((name) => knownNames().has(name)),
    })),
  };
}

/** Numbers up to which a profile speaks of an ABI; beyond, ours says ENOSYS where libseccomp has the default. */
function newest(profile: SeccompProfile, abi: Abi): number {
  const numbers = syscallNumbers(abi);
  const named = (profile.syscalls ?? []).flatMap((rule) => rule.names ?? []);
  return Math.max(
    0,
    ...named.map((name) => numbers.get(name) ?? 0).filter((number) => (number & 0xffffff) < 0xf0000),
  );
}

const edges = [
  0n,
  1n,
  2n,
  7n,
  8n,
  9n,
  37n,
  38n,
  39n,
  40n,
  41n,
  0x20000n,
  0x20008n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  ...[
    0x80n,
    0x20000n,
    0x2000000n,
    0x4000000n,
    0x8000000n,
    0x10000000n,
    0x20000000n,
    0x40000000n,
    0x7e020000n,
  ],
];
const wideEdges = [...edges, 0x100000000n, 0x100000026n, 0x7e02000000000000n, 0xffffffffffffffffn];

/** Calls `check` with every number of an ABI that could matter, and with the arguments that could. */
function everyCall(
  abi: Abi,
  conditional: Set<number>,
  check: (number: number, args: bigint[]) => void,
): void {
  const base = abi === "x32" ? x32Bit : 0;
  // libseccomp compares 32 bits on x32, where the kernel has 64; on 32-bit machines there are no more.
  const values = abi === "x86_64" || abi === "aarch64" ? wideEdges : edges;
  for (let number = base; number < base + 1100; number++) {
    const tries = conditional.has(number) ? values : [0n];
    for (const value of tries) check(number, [value, value, value, value, value, value]);
  }
}

function compare(profile: SeccompProfile, target: SeccompTarget, skipWide = false): number {
  const shared = common(profile);
  const ours = decodeFilter(compileSeccomp(shared, target));
  const theirs = libseccomp(shared, target);
  const permissive = profile.defaultAction === "SCMP_ACT_ALLOW";
  let calls = 0;
  const operands = (shared.syscalls ?? []).flatMap((rule) => rule.args ?? []).map((arg) => arg.value);
  for (const abi of abis[target.arch] ?? []) {
    // libseccomp cuts what it compares with to 32 bits there; the kernel has 64.
    if (abi === "x32" && operands.some((value) => value > 0xffffffff)) continue;
    const numbers = syscallNumbers(abi);
    const withArgs = (shared.syscalls ?? []).filter((rule) => (rule.args ?? []).length > 0);
    const conditional = new Set(
      [...withArgs.flatMap((rule) => rule.names ?? []), "socketcall", "ipc"].map(
        (name) => numbers.get(name) ?? -1,
      ),
    );
    const last = newest(shared, abi);
    everyCall(abi, conditional, (number, args) => {
      if (skipWide && (args[0] ?? 0n) > 0xffffffffn && numbers.get("socket") === number) return;
      const data = { number, arch: auditArch[abi], args };
      const beyond = number > last && !permissive;
      const expected = beyond ? verdictOf("SCMP_ACT_ERRNO", 38) : run(theirs, data);
      const verdict = run(ours, data);
      calls++;
      if (verdict !== expected) {
        const name = [...numbers].find(([, each]) => each === number)?.[0];
        expect.fail(
          `${abi} ${name ?? number} (${args[0]?.toString(16)}): 0x${verdict.toString(16)} instead of 0x${expected.toString(16)}`,
        );
      }
    });
  }
  return calls;
}

describe("against libseccomp", () => {
  it("has the same numbers of system calls", () => {
    for (const abi of Object.keys(token) as Abi[]) {
      const names = [...syscallNumbers(abi).keys()].filter((name) => knownNames().has(name));
      const [line = ""] = oracle(`names ${token[abi]} ${names.join(" ")}\n`);
      const theirs = line
        .trim()
        .split(" ")
        .map((text) => (text === "-" ? text : Number(text)));
      const differing = names.filter((name, index) => theirs[index] !== syscallNumbers(abi).get(name));
      expect(differing).toEqual([]);
      expect(names.length).toBeGreaterThan(250);
    }
  });

  it.each(["x64", "arm64"])(
    "RuntimeDefault does the same on %s for every call, with and without capabilities",
    (arch) => {
      for (const capabilities of [defaultCapabilities, 0n, allCapabilities]) {
        const target = { arch, capabilities, kernelRelease: "6.1.0" };
        expect(compare(runtimeDefaultProfile(), target, true)).toBeGreaterThan(2000);
      }
    },
  );

  const names = ["socket", "clone", "ioctl", "prctl", "read", "semget", "sendmsg", "openat", "bpf", "time"];
  const argument = fc.record({
    index: fc.integer({ min: 0, max: 5 }),
    op: fc.constantFrom(...operators.slice(1)) as fc.Arbitrary<SeccompArg["op"]>,
    value: fc.constantFrom(...wideEdges.filter((value) => value < 2n ** 53n)).map(Number),
    valueTwo: fc.constantFrom(0, 1, 8, 0x20000, 0x40000000),
  });
  const rule = fc.record({
    names: fc.constantFrom(...names).map((name) => [name]),
    args: fc.uniqueArray(argument, { maxLength: 3, selector: (arg) => arg.index }),
  });
  const rules = fc.uniqueArray(rule, { minLength: 1, maxLength: 6, selector: ({ names: [name] }) => name });

  // One rule a call: given several with conditions on one argument, libseccomp 2.5 loses some of them (that ours
  // does not is shown against the rules themselves, in test/unit/security).
  it("a rule of any conditions does the same, allowing or denying", () => {
    fc.assert(
      fc.property(fc.boolean(), rules, (denies, list) => {
        const profile: SeccompProfile = {
          defaultAction: denies ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW",
          archMap: [
            { architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] },
          ],
          syscalls: list.map((each) => ({ ...each, action: denies ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO" })),
        };
        compare(profile, { arch: "x64", capabilities: 0n, kernelRelease: "6.1.0" });
      }),
      { numRuns: 60, seed: 7 },
    );
  });
});
