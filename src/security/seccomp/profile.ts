/** What a filter does with a system call; names of the OCI runtime specification. */
export type SeccompAction =
  | "SCMP_ACT_KILL"
  | "SCMP_ACT_KILL_THREAD"
  | "SCMP_ACT_KILL_PROCESS"
  | "SCMP_ACT_TRAP"
  | "SCMP_ACT_ERRNO"
  | "SCMP_ACT_TRACE"
  | "SCMP_ACT_ALLOW"
  | "SCMP_ACT_LOG";

export type SeccompOperator =
  | "SCMP_CMP_NE"
  | "SCMP_CMP_LT"
  | "SCMP_CMP_LE"
  | "SCMP_CMP_EQ"
  | "SCMP_CMP_GE"
  | "SCMP_CMP_GT"
  | "SCMP_CMP_MASKED_EQ";

/** A condition on an argument. For MASKED_EQ, `value` is the mask and `valueTwo` what must be left. */
export interface SeccompArg {
  index: number;
  value: number;
  valueTwo?: number;
  op: SeccompOperator;
  /** Ours: the kernel reads only the lower 32 bits of this argument, so only these are compared. */
  low?: boolean;
}

/** What decides whether a rule is in the filter at all. */
export interface SeccompWhen {
  /** With or without `CAP_`. */
  caps?: string[];
  /** Go's names: amd64, arm64. */
  arches?: string[];
  /** `4.8` */
  minKernel?: string;
}

export interface SeccompRule {
  names?: string[];
  /** Old form of `names`. */
  name?: string;
  action: SeccompAction;
  errnoRet?: number;
  args?: SeccompArg[] | null;
  includes?: SeccompWhen | null;
  excludes?: SeccompWhen | null;
}

/** A profile in the format of Docker and of the OCI runtime specification. */
export interface SeccompProfile {
  defaultAction: SeccompAction;
  defaultErrnoRet?: number;
  architectures?: string[];
  archMap?: { architecture: string; subArchitectures?: string[] | null }[];
  flags?: string[];
  syscalls?: SeccompRule[];
}

/** What the rules depend on beside the profile. */
export interface SeccompTarget {
  /** `process.arch` of the host. */
  arch: string;
  /** Bounding set of the container. */
  capabilities: bigint;
  /** `6.1.0-23-amd64` */
  kernelRelease: string;
}
