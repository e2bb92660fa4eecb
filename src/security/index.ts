export {
  allCapabilities,
  capabilityBit,
  capabilityNames,
  containerCapabilities,
  defaultCapabilities,
  namesOf,
} from "./capabilities.ts";
export { procPaths } from "./proc-paths.ts";
export { type ProcessSecurity, processSecurityOps } from "./process-ops.ts";
export { type Rlimit, rlimitNames, rlimitOps, unlimited } from "./rlimits.ts";
export { verifyRunAsNonRoot } from "./run-as-non-root.ts";
export { compileSeccomp } from "./seccomp/compile.ts";
export { type SeccompFilter, type SeccompHost, seccompFilter } from "./seccomp/filter.ts";
export { parseSeccompProfile } from "./seccomp/parse.ts";
export { runtimeDefaultProfile } from "./seccomp/runtime-default.ts";
export { type SeccompChoice, seccompChoice } from "./seccomp/select.ts";
export { safeSysctls, sysctlOps } from "./sysctls.ts";
export { type ResolvedUser, resolveExecUser, resolveUser, type UserRequest } from "./user.ts";
