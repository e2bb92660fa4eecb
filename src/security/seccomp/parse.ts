import { TspodError } from "../../errors/tspod-error.ts";
import { syscallNumbers } from "./abi.ts";
import type { SeccompArg, SeccompProfile, SeccompRule } from "./profile.ts";

const actions = [
  "SCMP_ACT_KILL",
  "SCMP_ACT_KILL_THREAD",
  "SCMP_ACT_KILL_PROCESS",
  "SCMP_ACT_TRAP",
  "SCMP_ACT_ERRNO",
  "SCMP_ACT_TRACE",
  "SCMP_ACT_ALLOW",
  "SCMP_ACT_LOG",
];
const operators = ["NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"].map((name) => `SCMP_CMP_${name}`);

/**
 * Reads a profile file (`seccompProfile.type: Localhost`), in Docker's format or the OCI runtime
 * specification's. Throws TS4322 naming file and field. Calls no architecture knows are left out, as runtimes
 * do, and named in a warning.
 */
export function parseSeccompProfile(
  text: string,
  file: string,
): { profile: SeccompProfile; warnings: string[] } {
  const bad = (field: string, why: string) =>
    new TspodError({
      code: "TS4322",
      message: `seccomp profile ${file}: ${field}: ${why}`,
      hint: "see https://docs.docker.com/engine/security/seccomp/ for the format",
      path: file,
    });
  let profile: SeccompProfile;
  try {
    profile = JSON.parse(text) as SeccompProfile;
  } catch (error) {
    throw bad("JSON", (error as Error).message);
  }
  if (typeof profile !== "object" || profile === null || Array.isArray(profile)) {
    throw bad("JSON", "expected an object");
  }
  checkAction(profile.defaultAction, "defaultAction", bad);
  if (profile.syscalls !== undefined && profile.syscalls !== null && !Array.isArray(profile.syscalls)) {
    throw bad("syscalls", "expected a list");
  }
  for (const [index, rule] of (profile.syscalls ?? []).entries()) checkRule(rule, `syscalls[${index}]`, bad);
  const names = (profile.syscalls ?? []).flatMap((rule) => rule.names ?? [rule.name ?? ""]);
  const unknown = [...new Set(names)].filter((name) => !isKnown(name));
  const warnings =
    unknown.length === 0 ? [] : [`seccomp profile ${file}: no such system calls: ${unknown.join(", ")}`];
  return { profile, warnings };
}

type Bad = (field: string, why: string) => TspodError;

function checkRule(rule: SeccompRule, field: string, bad: Bad): void {
  if (typeof rule !== "object" || rule === null) throw bad(field, "expected an object");
  checkAction(rule.action, `${field}.action`, bad);
  const names: unknown = rule.names ?? (rule.name === undefined ? undefined : [rule.name]);
  if (!Array.isArray(names) || names.some((name) => typeof name !== "string")) {
    throw bad(`${field}.names`, "expected a list of names");
  }
  checkErrno(rule.errnoRet, `${field}.errnoRet`, bad);
  for (const [index, arg] of (rule.args ?? []).entries()) checkArg(arg, `${field}.args[${index}]`, bad);
}

function checkArg(arg: SeccompArg, field: string, bad: Bad): void {
  if (!Number.isInteger(arg.index) || arg.index < 0 || arg.index > 5) {
    throw bad(`${field}.index`, `${arg.index} is not one of 0 to 5`);
  }
  if (!operators.includes(arg.op))
    throw bad(`${field}.op`, `${arg.op} is not one of ${operators.join(", ")}`);
  for (const name of ["value", "valueTwo"] as const) {
    const value = arg[name] ?? 0;
    // Above 2⁵³ JSON loses digits, and a filter must not compare with another number than the one written.
    if (!Number.isSafeInteger(value) || value < 0)
      throw bad(`${field}.${name}`, `${value} is not 0 to 2^53-1`);
  }
}

function checkAction(action: unknown, field: string, bad: Bad): void {
  if (typeof action === "string" && actions.includes(action)) return;
  if (action === "SCMP_ACT_NOTIFY")
    throw bad(field, "SCMP_ACT_NOTIFY needs a listener, which tspod has none of");
  throw bad(field, `${JSON.stringify(action)} is not one of ${actions.join(", ")}`);
}

function checkErrno(errno: unknown, field: string, bad: Bad): void {
  if (errno === undefined || errno === null) return;
  if (!Number.isInteger(errno) || (errno as number) < 0 || (errno as number) > 4095) {
    throw bad(field, `${errno} is not an errno`);
  }
}

function isKnown(name: string): boolean {
  return (["x86_64", "x86", "x32", "aarch64", "arm"] as const).some((abi) => syscallNumbers(abi).has(name));
}
