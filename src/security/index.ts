export { allCapabilities, namesOf } from "./capabilities.ts";
export { type IdPoolFacts, type IdRange, pickIdRange, RANGE_SIZE, refuseUnmapped } from "./id-range.ts";
export { procPaths } from "./proc-paths.ts";
export { processSecurityOps } from "./process-ops.ts";
export { type Rlimit, rlimitNames, rlimitOps, unlimited } from "./rlimits.ts";
export { verifyRunAsNonRoot } from "./run-as-non-root.ts";
export { type SeccompFilter, seccompFilter } from "./seccomp/filter.ts";
export { sysctlOps } from "./sysctls.ts";
export { resolveExecUser, resolveUser } from "./user.ts";
