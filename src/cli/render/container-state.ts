import type { ContainerStatus } from "../../manifest/index.ts";

/** A container's state in one word: Running, Completed, Error, ContainerCreating … */
export function stateWord(status: ContainerStatus | undefined): string {
  const state = status?.state;
  if (state?.running) return "Running";
  if (state?.terminated) return state.terminated.reason ?? `ExitCode:${state.terminated.exitCode}`;
  return state?.waiting?.reason ?? "Waiting";
}
