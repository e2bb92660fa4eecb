import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allCapabilities, defaultCapabilities } from "../../../src/security/capabilities.ts";
import { auditArch, syscallNumbers } from "../../../src/security/seccomp/abi.ts";
import { compileSeccomp } from "../../../src/security/seccomp/compile.ts";
import type { SeccompArg, SeccompProfile } from "../../../src/security/seccomp/profile.ts";
import { runtimeDefaultProfile } from "../../../src/security/seccomp/runtime-default.ts";
import { decodeFilter, type Filter, run } from "./bpf-machine.ts";

const allow = 0x7fff0000;
const errno = (number: number) => 0x00050000 + number;
const killProcess = 0x80000000;
const target = { arch: "x64", capabilities: defaultCapabilities, kernelRelease: "6.1.0-23-amd64" };
const x86_64 = syscallNumbers("x86_64");

function call(filter: Filter, name: string, ...args: (number | bigint)[]): number {
  const number = x86_64.get(name);
  if (number === undefined) throw new Error(name);
  const padded = [...args, 0, 0, 0, 0, 0, 0].slice(0, 6).map(BigInt);
  return run(filter, { number, arch: auditArch.x86_64, args: padded });
}

describe("RuntimeDefault", () => {
  const filter = decodeFilter(compileSeccomp(runtimeDefaultProfile(), target));
  const admin = decodeFilter(
    compileSeccomp(runtimeDefaultProfile(), { ...target, capabilities: allCapabilities }),
  );

  it("lets ordinary programs work", () => {
    for (const name of [
      "read",
      "write",
      "openat",
      "execve",
      "exit_group",
      "futex",
      "mmap",
      "ptrace",
      "chroot",
    ]) {
      expect([name, call(filter, name)]).toEqual([name, allow]);
    }
  });

  it("denies what can change the host or other containers, unless CAP_SYS_ADMIN is there", () => {
    for (const name of [
      "mount",
      "unshare",
      "setns",
      "bpf",
      "perf_event_open",
      "move_mount",
      "fsopen",
      "umount2",
    ]) {
      expect([name, call(filter, name)]).toEqual([name, errno(1)]);
      expect([name, call(admin, name)]).toEqual([name, allow]);
    }
    for (const name of [
      "keyctl",
      "add_key",
      "request_key",
      "io_uring_setup",
      "userfaultfd",
      "kexec_load",
      "swapon",
    ]) {
      expect([name, call(filter, name)]).toEqual([name, errno(1)]);
      expect([name, call(admin, name)]).toEqual([name, errno(1)]);
    }
  });

  it("lets clone make threads and processes, but no namespace", () => {
    expect(call(filter, "clone", 0x3d0f00)).toBe(allow);
    for (const flag of [0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000]) {
      expect([flag, call(filter, "clone", flag | 17)]).toEqual([flag, errno(1)]);
    }
    expect(call(admin, "clone", 0x10000000)).toBe(allow);
  });

  it("says ENOSYS to clone3 and to calls newer than itself, so that libc falls back", () => {
    expect(call(filter, "clone3")).toBe(errno(38));
    expect(run(filter, { number: 500, arch: auditArch.x86_64, args: [] })).toBe(errno(38));
    expect(run(filter, { number: 500, arch: auditArch.x86, args: [] })).toBe(errno(38));
    expect(run(filter, { number: 0x40000000 + 900, arch: auditArch.x32, args: [] })).toBe(errno(38));
  });

  it("denies sockets of AF_ALG and AF_VSOCK, whatever stands above the 32 bits the kernel reads", () => {
    for (const family of [38n, 40n, 0x100000026n, 0xffffffff00000028n]) {
      expect([family, call(filter, "socket", family)]).toEqual([family, errno(1)]);
    }
    for (const family of [1n, 2n, 10n, 16n, 37n, 39n, 41n])
      expect(call(filter, "socket", family)).toBe(allow);
  });

  it("lets personality only ask, and change between the harmless ones", () => {
    for (const value of [0, 8, 0x20000, 0x20008, 0xffffffff])
      expect(call(filter, "personality", value)).toBe(allow);
    for (const value of [1, 0x0040000, 0x400000]) expect(call(filter, "personality", value)).toBe(errno(1));
  });

  it("ends a process that enters the kernel by another machine's ABI", () => {
    expect(run(filter, { number: 0, arch: auditArch.aarch64, args: [] })).toBe(killProcess);
  });

  it("grants calls by the capability that governs them", () => {
    const withCap = (bit: bigint) =>
      decodeFilter(compileSeccomp(runtimeDefaultProfile(), { ...target, capabilities: 1n << bit }));
    expect(call(withCap(16n), "init_module")).toBe(allow);
    expect(call(withCap(22n), "reboot")).toBe(allow);
    expect(call(withCap(25n), "settimeofday")).toBe(allow);
    expect(call(withCap(39n), "bpf")).toBe(allow);
    for (const name of ["init_module", "reboot", "settimeofday", "bpf"])
      expect(call(filter, name)).toBe(errno(1));
    expect(call(withCap(16n), "chroot")).toBe(errno(1));
  });
});

describe("compileSeccomp", () => {
  const values = [0, 1, 8, 38, 0x20000, 0x7e020000, 0xffffffff, 0x100000000, 0x100000026];
  const operators = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((name) => `SCMP_CMP_${name}`);
  const argument = fc.record({
    index: fc.integer({ min: 0, max: 2 }),
    op: fc.constantFrom(...operators) as fc.Arbitrary<SeccompArg["op"]>,
    value: fc.constantFrom(...values),
    valueTwo: fc.constantFrom(...values),
    low: fc.boolean(),
  });
  const rule = fc.record({
    names: fc.subarray(["read", "socket", "clone", "bpf"], { minLength: 1 }),
    args: fc.uniqueArray(argument, { maxLength: 3, selector: (arg) => arg.index }),
    action: fc.constantFrom(
      "SCMP_ACT_ALLOW" as const,
      "SCMP_ACT_LOG" as const,
      "SCMP_ACT_KILL_PROCESS" as const,
    ),
  });
  const verdicts = { SCMP_ACT_ALLOW: allow, SCMP_ACT_LOG: 0x7ffc0000, SCMP_ACT_KILL_PROCESS: killProcess };

  function holds(arg: SeccompArg, argument: bigint): boolean {
    const given = arg.low ? argument & 0xffffffffn : argument;
    const value = arg.low ? BigInt(arg.value) & 0xffffffffn : BigInt(arg.value);
    switch (arg.op) {
      case "SCMP_CMP_NE":
        return given !== value;
      case "SCMP_CMP_LT":
        return given < value;
      case "SCMP_CMP_LE":
        return given <= value;
      case "SCMP_CMP_EQ":
        return given === value;
      case "SCMP_CMP_GE":
        return given >= value;
      case "SCMP_CMP_GT":
        return given > value;
      case "SCMP_CMP_MASKED_EQ":
        return (given & value) === (value & BigInt(arg.valueTwo ?? 0));
    }
  }

  it("does what the rules say, for any rules and arguments", () => {
    const given = fc.array(fc.constantFrom(...values.map(BigInt), 2n, 39n, 0xffffffffffffffffn), {
      minLength: 6,
      maxLength: 6,
    });
    fc.assert(
      fc.property(
        fc.array(rule, { maxLength: 5 }),
        fc.array(given, { minLength: 5, maxLength: 5 }),
        (rules, calls) => {
          const profile: SeccompProfile = {
            defaultAction: "SCMP_ACT_ERRNO",
            defaultErrnoRet: 7,
            syscalls: rules,
          };
          const filter = decodeFilter(compileSeccomp(profile, target));
          for (const name of ["read", "socket", "clone", "bpf"]) {
            const own = rules.filter((each) => each.names.includes(name));
            for (const args of calls) {
              const matching =
                own.find(
                  (each) =>
                    each.args.length > 0 && each.args.every((arg) => holds(arg, args[arg.index] ?? 0n)),
                ) ?? own.find((each) => each.args.length === 0);
              // With no rule at all for it, a call may be newer than all the profile names.
              const otherwise = own.length === 0 ? [errno(7), errno(38)] : [errno(7)];
              const verdict = call(filter, name, ...args);
              if (matching) expect(verdict).toBe(verdicts[matching.action]);
              else expect(otherwise).toContain(verdict);
            }
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("on 32-bit x86, denies a call through socketcall and ipc too", () => {
    const profile: SeccompProfile = {
      defaultAction: "SCMP_ACT_ALLOW",
      architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
      syscalls: [{ names: ["bind", "shmget"], action: "SCMP_ACT_ERRNO" }],
    };
    const filter = decodeFilter(compileSeccomp(profile, target));
    const x86 = syscallNumbers("x86");
    const verdict = (name: string, first: bigint) =>
      run(filter, { number: x86.get(name) ?? 0, arch: auditArch.x86, args: [first, 0n, 0n, 0n, 0n, 0n] });
    expect(verdict("socketcall", 2n)).toBe(errno(1));
    expect(verdict("socketcall", 3n)).toBe(allow);
    expect(verdict("ipc", 23n)).toBe(errno(1));
    expect(verdict("bind", 0n)).toBe(errno(1));
  });

  it("ends processes of architectures the profile does not list, x32 among them", () => {
    const profile: SeccompProfile = { defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"] };
    const filter = decodeFilter(compileSeccomp(profile, target));
    expect(run(filter, { number: 1, arch: auditArch.x86, args: [] })).toBe(killProcess);
    expect(run(filter, { number: 0x40000001, arch: auditArch.x32, args: [] })).toBe(killProcess);
    expect(run(filter, { number: 1, arch: auditArch.x86_64, args: [] })).toBe(allow);
  });

  it("treats one argument named twice as alternatives, as runc does", () => {
    const args: SeccompArg[] = [1, 2].map((value) => ({ index: 0, value, op: "SCMP_CMP_EQ" }));
    const profile: SeccompProfile = {
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW", args }],
    };
    const filter = decodeFilter(compileSeccomp(profile, target));
    expect([1, 2, 3].map((value) => call(filter, "read", value))).toEqual([allow, allow, errno(1)]);
  });

  it("reaches every number in a filter larger than a jump", () => {
    const names = [...x86_64.keys()];
    const args: SeccompArg[] = [{ index: 1, value: 2 ** 40, op: "SCMP_CMP_GE" }];
    const profile: SeccompProfile = {
      defaultAction: "SCMP_ACT_ERRNO",
      syscalls: names.map((name, index) => ({
        names: [name],
        action: "SCMP_ACT_ERRNO",
        errnoRet: 100 + index,
        args,
      })),
    };
    const filter = decodeFilter(compileSeccomp(profile, target));
    expect(filter.length).toBeGreaterThan(2000);
    for (const [index, name] of names.entries())
      expect(call(filter, name, 0, 2 ** 41)).toBe(errno(100 + index));
  });
});
