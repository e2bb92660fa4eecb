import { capabilityBit } from "../capabilities.ts";
import type { SeccompAction, SeccompArg, SeccompRule, SeccompTarget, SeccompWhen } from "./profile.ts";

// SECCOMP_RET_* of include/uapi/linux/seccomp.h; the lower half is the errno.
const returns: Record<SeccompAction, number> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

const EPERM = 1;

/** What the filter returns for an action. */
export function verdictOf(action: SeccompAction, errno: number | undefined): number {
  const carriesErrno = action === "SCMP_ACT_ERRNO" || action === "SCMP_ACT_TRACE";
  return carriesErrno ? returns[action] + ((errno ?? EPERM) & 0xffff) : returns[action];
}

/** Whether a rule belongs in the filter of this target. */
export function applies(rule: SeccompRule, target: SeccompTarget, goArch: string): boolean {
  return holds(rule.includes, target, goArch, true) && !holds(rule.excludes, target, goArch, false);
}

/** `all`: every capability named must be there (includes); else any of them suffices (excludes). */
function holds(
  when: SeccompWhen | null | undefined,
  target: SeccompTarget,
  goArch: string,
  all: boolean,
): boolean {
  const caps = (when?.caps ?? []).map((name) => ((capabilityBit(name) ?? 0n) & target.capabilities) !== 0n);
  const arches = when?.arches ?? [];
  const tests: boolean[] = [];
  if (caps.length > 0) tests.push(all ? caps.every(Boolean) : caps.some(Boolean));
  if (arches.length > 0) tests.push(arches.includes(goArch));
  if (when?.minKernel !== undefined && when.minKernel !== "") {
    tests.push(atLeast(target.kernelRelease, when.minKernel));
  }
  return all ? tests.every(Boolean) : tests.some(Boolean);
}

function atLeast(release: string, least: string): boolean {
  const [major = 0, minor = 0] = release.split(".").map(Number.parseFloat);
  const [wantMajor = 0, wantMinor = 0] = least.split(".").map(Number.parseFloat);
  return major > wantMajor || (major === wantMajor && minor >= wantMinor);
}

/**
 * The condition sets of a rule, any of which is enough. One argument named twice makes alternatives of all its
 * conditions, as runc has always read such profiles.
 */
export function alternatives(args: readonly SeccompArg[]): SeccompArg[][] {
  const repeated = new Set(args.map((arg) => arg.index)).size < args.length;
  return repeated ? args.map((arg) => [arg]) : [[...args]];
}
