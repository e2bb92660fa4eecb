import type { PodEvent } from "./events.ts";

/** How many messages of one object and reason are kept apart (the number of client-go's aggregator). */
const APART = 10;

/**
 * Events that say the same of the same object as one, in the order in which they were last seen; and where an object has
 * more than ten different messages for one reason, the older ones as one, as Kubernetes shows them.
 */
export function combineEvents(events: readonly PodEvent[]): PodEvent[] {
  const same = inOrder(
    merged(events, ({ type, reason, object, message }) => [type, reason, object, message]),
  );
  const newer = new Map<string, number>();
  const similar = same.reverse().map((event) => {
    const key = JSON.stringify([event.type, event.reason, event.object]);
    const rank = (newer.get(key) ?? 0) + 1;
    newer.set(key, rank);
    return rank <= APART ? event : { ...event, message: similarTo(event.message) };
  });
  const isSimilar = ({ message }: PodEvent) => message.startsWith(SIMILAR);
  const apart = similar.filter((event) => !isSimilar(event));
  // The newest message stands for all.
  const together = merged(similar.filter(isSimilar), ({ type, reason, object }) => [type, reason, object]);
  return inOrder([...apart, ...together]);
}

const SIMILAR = "(combined from similar events): ";

function similarTo(message: string): string {
  return message.startsWith(SIMILAR) ? message : SIMILAR + message;
}

/** One event for each key; its message is that of the first that comes. */
function merged(events: readonly PodEvent[], keyOf: (event: PodEvent) => string[]): PodEvent[] {
  const byKey = new Map<string, PodEvent>();
  for (const event of events) {
    const key = JSON.stringify(keyOf(event));
    const before = byKey.get(key);
    byKey.set(key, before ? joined(before, event) : event);
  }
  return [...byKey.values()];
}

function joined(one: PodEvent, other: PodEvent): PodEvent {
  const [first] = [one.firstTime ?? one.time, other.firstTime ?? other.time].sort();
  return {
    ...one,
    time: one.time > other.time ? one.time : other.time,
    count: (one.count ?? 1) + (other.count ?? 1),
    ...(first === undefined ? {} : { firstTime: first }),
  };
}

/** Stable: events of one instant stay in the order they came in. */
function inOrder(events: readonly PodEvent[]): PodEvent[] {
  return [...events].sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
}
