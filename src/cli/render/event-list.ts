import type { PodEvent } from "../../state/events.ts";
import { age } from "./age.ts";
import { printable } from "./printable.ts";

/** `kubectl events`: LAST SEEN, TYPE, REASON, OBJECT, MESSAGE. */
export function eventRows(events: readonly (PodEvent & { pod: string })[], now: Date): string[][] {
  return [
    ["LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"],
    ...events.map(({ time, type, reason, pod, object, message }) => {
      const container = /\{(.+)\}/.exec(object)?.[1];
      return [
        age(time, now),
        type,
        reason,
        container ? `Pod/${pod} (${container})` : `Pod/${pod}`,
        printable(message),
      ];
    }),
  ];
}
