import { ExitCode } from "../errors/tspod-error.ts";
import { containerSpec } from "./container-spec.ts";
import { initAgainAsked } from "./supervise/init-again.ts";
import { isSidecar } from "./supervise/restart-policy.ts";
import type { AttemptView, PodView } from "./view.ts";

/** 128 + signal, as a shell reports a process that a signal ended. */
const SIGNALLED = 128;

/**
 * The pod's exit code: that of the first container, in the manifest's order (init containers first), that did not end
 * with 0; else 0, or 1 for a pod that was ended as a whole (a deadline, an eviction). A container without an exit
 * record was killed together with its monitor: 137. Sidecars do not count: the pod is not over because they are, and
 * one without a handler for TERM ends with 143.
 */
export function podExitCode(view: PodView): number {
  const initAgain = initAgainAsked(view.sandbox) !== undefined;
  for (const { name, kind, attempts } of view.containers) {
    // It has succeeded before, and somebody had it run once more.
    if (kind === "init" && initAgain) continue;
    const last = attempts.at(-1);
    const code = last ? attemptExitCode(last) : 0;
    // Who looked into the pod with a container of their own has not changed how it ended.
    if (code !== 0 && kind !== "ephemeral" && !isSidecar(containerSpec(view.record, { kind, name }), kind))
      return code;
  }
  return view.sandbox.reason === undefined ? 0 : ExitCode.failure;
}

/** 0 while it runs; one that could not be started has the code of the error. */
export function attemptExitCode({ record, exit, alive }: AttemptView): number {
  if (alive) return 0;
  if (exit) return exit.signal === 0 ? exit.code : SIGNALLED + exit.signal;
  return record.error?.exitCode ?? SIGNALLED + 9;
}
