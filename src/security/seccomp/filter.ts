import type { Container, PodSpec } from "../../manifest/index.ts";
import { containerCapabilities } from "../capabilities.ts";
import { compileSeccomp } from "./compile.ts";
import { precompiled } from "./gen/runtime-default.ts";
import { parseSeccompProfile } from "./parse.ts";
import type { SeccompProfile } from "./profile.ts";
import { runtimeDefaultProfile, seccompCapabilities } from "./runtime-default.ts";
import { seccompChoice } from "./select.ts";

export interface SeccompHost {
  /** `process.arch` */
  arch: string;
  /** /proc/sys/kernel/osrelease */
  kernelRelease: string;
  /** CapPrm of tspod. */
  capabilities: bigint;
  /** Reads a profile beneath the folder of seccomp profiles. Throws when it is not there. */
  readProfile(path: string): string;
}

export interface SeccompFilter {
  /** struct sock_filter[] as hex for the op `seccomp`; "" for none. */
  filter: string;
  /** SECCOMP_FILTER_FLAG_* */
  flags: number;
  warnings: string[];
}

const flagValues: Record<string, number> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
};

const compiled = new Map<string, string>();

/** The filter of a container, from its manifest and this host. The same one is compiled once. */
export function seccompFilter(spec: PodSpec, container: Container, host: SeccompHost): SeccompFilter {
  const choice = seccompChoice(spec, container);
  if (choice.type === "Unconfined") return { filter: "", flags: 0, warnings: [] };
  const { mask } = containerCapabilities(container, host.capabilities);
  if (choice.type === "RuntimeDefault") {
    return { filter: runtimeDefaultFilter(mask, host), flags: 0, warnings: [] };
  }
  const text = host.readProfile(choice.path);
  const { profile, warnings } = parseSeccompProfile(text, choice.path);
  const flags = (profile.flags ?? []).reduce((sum, flag) => sum | (flagValues[flag] ?? 0), 0);
  return { filter: cached(text, () => profile, mask, host), flags, warnings };
}

/** Compiled ahead of time for the usual sets of capabilities: compiling takes a few milliseconds of every start. */
function runtimeDefaultFilter(capabilities: bigint, host: SeccompHost): string {
  const deciding = capabilities & seccompCapabilities();
  return precompiled[`${host.arch} ${deciding}`] ?? cached("", runtimeDefaultProfile, deciding, host);
}

function cached(key: string, profile: () => SeccompProfile, capabilities: bigint, host: SeccompHost): string {
  const full = `${capabilities} ${host.arch} ${host.kernelRelease} ${key}`;
  const filter =
    compiled.get(full) ??
    compileSeccomp(profile(), { arch: host.arch, kernelRelease: host.kernelRelease, capabilities });
  compiled.set(full, filter);
  return filter;
}
