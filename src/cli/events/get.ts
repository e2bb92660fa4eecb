import type { Context } from "../context.ts";
import { fieldSelector } from "../field-selector.ts";
import type { ListFlags } from "../list-pods.ts";
import { usage } from "../objects/several.ts";
import { openPods } from "../pods.ts";
import { age } from "../render/age.ts";
import { lastSeen } from "../render/event-list.ts";
import { printed, sortedBy } from "../render/output.ts";
import { printable } from "../render/printable.ts";
import { table } from "../render/table.ts";
import { eventsCommand } from "./command.ts";
import { gatherEvents, type ListedEvent } from "./gather.ts";
import { eventObject } from "./object.ts";

/** `get events`, which has other columns than `events`. */
export async function getEvents(context: Context, flags: ListFlags): Promise<number> {
  if (flags.selector !== undefined)
    throw usage(
      "events have no labels",
      "choose by object or type: tspod events --for pod/web --types=Warning",
    );
  if (flags.watch)
    return eventsCommand(context, [], {
      watch: true,
      headers: flags.headers,
      ...(flags.allNamespaces ? { allNamespaces: true } : {}),
    });
  const pods = await openPods(context);
  const gathered = await gatherEvents(context, pods, [], { ...flags, combined: true });
  const { nodeName } = pods.host.facts();
  const hasFields = fieldSelector("Event", flags.fieldSelector);
  const events = await sortedBy(
    gathered
      .map((event) => ({ event, object: eventObject(event, nodeName) }))
      .filter(({ object }) => hasFields({ ...object, source: object.source.component })),
    flags.sortBy,
    ({ object }) => object,
  );
  const text = await printed(
    events.map(({ object }) => object),
    { ...flags, single: false },
  );
  if (text !== undefined) context.out(text);
  else if (events.length === 0) context.err("No resources found\n");
  else
    context.out(
      table(
        rows(
          events.map(({ event }) => event),
          context.now(),
          flags,
        ),
      ),
    );
  return 0;
}

function rows(
  events: readonly ListedEvent[],
  now: Date,
  { output, allNamespaces, headers }: ListFlags,
): string[][] {
  const wide = output === "wide";
  const heads = ["LAST SEEN", "TYPE", "REASON", "OBJECT"];
  const heading = wide
    ? [...heads, "SUBOBJECT", "SOURCE", "MESSAGE", "FIRST SEEN", "COUNT"]
    : [...heads, "MESSAGE"];
  const lines = events.map((event) => {
    const { type, reason, message, involved, object, time, firstTime = time, count = 1 } = event;
    const first = [
      lastSeen({ ...event, count: 1 }, now),
      type,
      reason,
      `${involved.kind.toLowerCase()}/${involved.name}`,
    ];
    const last = wide
      ? [object, "tspod", printable(message), age(firstTime, now), String(count)]
      : [printable(message)];
    return [...(allNamespaces ? [involved.namespace] : []), ...first, ...last];
  });
  return headers ? [[...(allNamespaces ? ["NAMESPACE"] : []), ...heading], ...lines] : lines;
}
