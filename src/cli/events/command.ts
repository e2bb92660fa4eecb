import { setTimeout as sleep } from "node:timers/promises";
import type { Context } from "../context.ts";
import { openPods } from "../pods.ts";
import { eventRows } from "../render/event-list.ts";
import { printed } from "../render/output.ts";
import { table } from "../render/table.ts";
import { type EventFlags, gatherEvents, type ListedEvent } from "./gather.ts";
import { eventObject } from "./object.ts";

export interface EventsCommandFlags extends EventFlags {
  output?: string;
  headers: boolean;
  watch?: boolean;
}

const WATCH_INTERVAL_MS = 200;

/** `tspod events`: what there is and, with `-w`, what comes, until the terminal's Ctrl-C. */
export async function eventsCommand(
  context: Context,
  names: readonly string[],
  flags: EventsCommandFlags,
): Promise<number> {
  const pods = await openPods(context);
  const gather = (combined: boolean) => gatherEvents(context, pods, names, { ...flags, combined });
  if (flags.output) {
    const { nodeName } = pods.host.facts();
    const objects = (await gather(true)).map((event) => eventObject(event, nodeName));
    context.out((await printed(objects, { ...flags, single: false })) ?? "");
    return 0;
  }
  const options = { namespaces: flags.allNamespaces ?? false, headers: flags.headers };
  if (!flags.watch) {
    const events = await gather(true);
    if (events.length === 0) context.err("No events found\n");
    else context.out(table(eventRows(events, context.now(), options)));
    return 0;
  }
  const seen = new Set<string>();
  const widths: number[] = [];
  for (let headers = flags.headers; ; ) {
    const fresh = (await gather(false)).filter((event) => isNew(seen, event));
    if (fresh.length > 0) {
      context.out(table(eventRows(fresh, context.now(), { ...options, headers }), widths));
      headers = false;
    }
    await sleep(WATCH_INTERVAL_MS);
  }
}

function isNew(seen: Set<string>, event: ListedEvent): boolean {
  const key = JSON.stringify(event);
  if (seen.has(key)) return false;
  seen.add(key);
  return true;
}
