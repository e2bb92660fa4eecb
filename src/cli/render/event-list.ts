import type { PodEvent } from "../../state/events.ts";
import { age } from "./age.ts";
import { printable } from "./printable.ts";

/** `2s`, or `2s (x5 over 40s)` for several that said the same. */
export function lastSeen({ time, count = 1, firstTime }: PodEvent, now: Date): string {
  return count === 1 ? age(time, now) : `${age(time, now)} (x${count} over ${age(firstTime, now)})`;
}

/** `kubectl events`: LAST SEEN, TYPE, REASON, OBJECT, MESSAGE. */
export function eventRows(events: readonly (PodEvent & { pod: string })[], now: Date): string[][] {
  return [
    ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"],
    ...events.map((event) => {
      const { type, reason, pod, object, message } = event;
      const container = /\{(.+)\}/.exec(object)?.[1];
      return [
        lastSeen(event, now),
        type,
        reason,
        container ? `Pod/${pod} (${container})` : `Pod/${pod}`,
        printable(message),
      ];
    }),
  ];
}
