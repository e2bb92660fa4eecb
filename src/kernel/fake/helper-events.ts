import type { HelperEvent, HelperSpec } from "../kernel.ts";

/** What a helper would say, and the process it leaves in its place (`clone-mapped`), if it does. */
export function eventsOf(
  spec: HelperSpec,
  nextPid: () => number,
): { queue: HelperEvent[]; successor?: number } {
  const time = 0n;
  if (spec.ops.at(-1)?.op !== "pause") {
    return {
      queue: [
        { kind: "cloned", pid: nextPid(), time },
        { kind: "gate", step: 0, time },
      ],
    };
  }
  if (!spec.ops.some(({ op }) => op === "clone-mapped")) return { queue: [{ kind: "paused", time }] };
  const pid = nextPid();
  return {
    queue: [
      { kind: "cloned", pid, time },
      { kind: "paused", time },
    ],
    successor: pid,
  };
}
