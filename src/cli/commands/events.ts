import { Option } from "commander";
import type { PodEvent } from "../../state/events.ts";
import { combineEvents } from "../../state/events-combine.ts";
import { examples, namespaceOf, openPods, pick } from "../pods.ts";
import type { Define } from "../registry.ts";
import { eventRows } from "../render/event-list.ts";
import { structured } from "../render/structured.ts";
import { table } from "../render/table.ts";

interface Flags {
  allNamespaces?: boolean;
  output?: "json" | "yaml";
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "only these pods")
    .option("-A, --all-namespaces", "pods of all namespaces")
    .addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"]))
    .action(
      act(async (context, names: string[], flags: Flags) => {
        const pods = await openPods(context);
        const { core, host } = pods;
        const views =
          names.length > 0
            ? names.map((name) => pick(context, pods, name))
            : core
                .listPods(host)
                .filter(({ record }) => flags.allNamespaces || record.namespace === namespaceOf(context));
        // As they came for programs, what says the same as one for people.
        const gathered = flags.output ? (events: PodEvent[]) => events : combineEvents;
        const events = views
          .flatMap((view) =>
            gathered(core.readEvents(host, view)).map((event) => ({ pod: view.record.name, ...event })),
          )
          .sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
        if (flags.output) context.out(await structured(events, flags.output));
        else if (events.length === 0) context.err("No events found\n");
        else context.out(table(eventRows(events, context.now())));
        return 0;
      }),
    );
  examples(
    command,
    ["sudo tspod events", "what happened to all pods, oldest first"],
    ["sudo tspod events web -o json", "one pod's, with exact times"],
  );
};
