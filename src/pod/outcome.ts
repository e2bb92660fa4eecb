import type { AttemptView, PodView } from "./view.ts";

/** 128 + signal, as a shell reports a process that a signal ended. */
const SIGNALLED = 128;

/**
 * The pod's exit code: that of the first container, in the manifest's order (init containers first), that did not end
 * with 0; else 0. A container without an exit record was killed together with its monitor: 137.
 */
export function podExitCode(view: PodView): number {
  for (const { attempts } of view.containers) {
    const last = attempts.at(-1);
    const code = last ? attemptExitCode(last) : 0;
    if (code !== 0) return code;
  }
  return 0;
}

/** 0 while it runs; one that could not be started has the code of the error. */
export function attemptExitCode({ record, exit, alive }: AttemptView): number {
  if (alive) return 0;
  if (exit) return exit.signal === 0 ? exit.code : SIGNALLED + exit.signal;
  return record.error?.exitCode ?? SIGNALLED + 9;
}
