import { TspodError } from "../errors/tspod-error.ts";
import type { PodView } from "../pod/view.ts";

/** Throws TS5013 when something of a pod could not be taken away: a removal that left something has not been one. */
export function refuseLeftBehind(
  view: PodView,
  done: "removed" | "stopped",
  [first, ...more]: readonly TspodError[],
): void {
  if (!first) return;
  const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
  throw new TspodError({
    code: "TS5013",
    message: `pod ${view.record.name} could not be ${done} completely: ${first.message}${others}`,
    hint: "once the reason is gone, `tspod gc` takes away what is left",
    cause: first,
  });
}
