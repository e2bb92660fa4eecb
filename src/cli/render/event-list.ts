import type { PodEvent } from "../../state/events.ts";
import { age } from "./age.ts";
import { printable } from "./printable.ts";

/** `2s`, or `2s (x5 over 40s)` for several that said the same. */
export function lastSeen({ time, count = 1, firstTime }: PodEvent, now: Date): string {
  return count === 1 ? age(time, now) : `${age(time, now)} (x${count} over ${age(firstTime, now)})`;
}

type Listed = PodEvent & { involved: { kind: string; name: string; namespace: string } };

/** `kubectl events`: LAST SEEN, TYPE, REASON, OBJECT, MESSAGE. */
export function eventRows(
  events: readonly Listed[],
  now: Date,
  { namespaces = false, headers = true }: { namespaces?: boolean; headers?: boolean } = {},
): string[][] {
  const heads = [...(namespaces ? ["NAMESPACE"] : []), "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"];
  const rows = events.map((event) => {
    const { type, reason, message, involved } = event;
    const cells = [lastSeen(event, now), type, reason, objectOf(event), printable(message)];
    return namespaces ? [involved.namespace, ...cells] : cells;
  });
  return headers ? [heads, ...rows] : rows;
}

function objectOf({ involved, object }: Listed): string {
  const container = /\{(.+)\}/.exec(object)?.[1];
  const name = `${involved.kind}/${involved.name}`;
  return container ? `${name} (${container})` : name;
}
