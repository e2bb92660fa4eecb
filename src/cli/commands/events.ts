import type { EventsCommandFlags } from "../events/command.ts";
import { examples, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { OUTPUT_FORMATS, outputFormat } from "../render/output.ts";

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "only these pods")
    .option("-A, --all-namespaces", "of all namespaces")
    .option("--for <kind/name>", "only of this pod or workload")
    .option("--types <types>", "only Normal or Warning; both with a comma between")
    .option("-w, --watch", "go on printing what happens")
    .option("--no-headers", "without the first line")
    .option("-o, --output <format>", OUTPUT_FORMATS, outputFormat)
    .action(
      act(async (context, names: string[], flags: EventsCommandFlags) => {
        const { eventsCommand } = await import("../events/command.ts");
        return eventsCommand(context, withoutKind(names), flags);
      }),
    );
  examples(
    command,
    ["sudo tspod events", "what happened to all pods and workloads, oldest first"],
    ["sudo tspod events --types=Warning -w", "what goes wrong, as it happens"],
    ["sudo tspod events --for deployment/web", "of one workload"],
    ["sudo tspod events web -o json", "one pod's, with exact times"],
  );
};
