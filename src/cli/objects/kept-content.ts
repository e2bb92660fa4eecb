import type { Refreshed } from "../../pod/refresh.ts";
import type { Context } from "../context.ts";

/** Warns of the volumes that a change of an object could not reach. */
export function warnOfKept(context: Context, failures: Refreshed["failures"]): void {
  for (const { pod, volume, message } of failures)
    context.warn(`pod ${pod}: volume ${volume} keeps its content: ${message}`);
}
