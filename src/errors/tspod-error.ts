/** The exit codes tspod promises (docs/exit-codes.md). Codes of a container pass through unchanged. */
export const ExitCode = {
  ok: 0,
  failure: 1,
  invalid: 2,
  hostNotAble: 3,
  notFound: 4,
  conflict: 5,
  timeout: 124,
  internal: 125,
  notExecutable: 126,
  commandNotFound: 127,
} as const;

/** A place in a manifest file. Lines and columns start at 1. */
export interface SourcePosition {
  file: string;
  line: number;
  column: number;
  /** Field path as kubectl writes it: `spec.containers[0].image`. */
  field?: string;
}

export interface TspodErrorInit {
  /**
   * Stable code, `TS` and four digits: 1xxx YAML, 2xxx fields, 3xxx values and conflicts, 4xxx host, 5xxx runtime,
   * 6xxx images.
   */
  code: string;
  /** One sentence with the actual value and the rule; no type names of the implementation. */
  message: string;
  /** The most likely way out. */
  hint?: string;
  exitCode?: number;
  position?: SourcePosition;
  /** Symbolic errno: `EPERM`. */
  errno?: string;
  /** The system call that failed: `move_mount`. */
  syscall?: string;
  /** The operation that failed, as `container web: step 6, mount proc on /proc`. */
  step?: string;
  /** The file or object that the operation concerned. */
  path?: string;
  cause?: unknown;
}

/** The one error class of tspod. A failed clean-up joins `cleanup`; it never replaces the first error. */
export class TspodError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: number;
  readonly position: SourcePosition | undefined;
  readonly errno: string | undefined;
  readonly syscall: string | undefined;
  readonly step: string | undefined;
  readonly path: string | undefined;
  readonly cleanup: unknown[] = [];

  constructor(init: TspodErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = "TspodError";
    this.code = init.code;
    this.hint = init.hint;
    this.exitCode = init.exitCode ?? ExitCode.failure;
    this.position = init.position;
    this.errno = init.errno;
    this.syscall = init.syscall;
    this.step = init.step;
    this.path = init.path;
  }
}
