import type { SandboxPhase } from "../../state/record.ts";

/** Whether anything may still be started in a pod of this phase. */
export function isGoing(phase: SandboxPhase): boolean {
  return phase === "creating" || phase === "ready" || phase === "recreating";
}
