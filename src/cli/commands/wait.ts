import { Option } from "commander";
import { duration } from "../arguments.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import type { WaitFlags } from "../wait/command.ts";

const DEFAULT_MS = 30_000;

export const define: Define = (command, act) => {
  command
    .argument("[names...]", "KIND NAME…, KIND/NAME… or pods' names")
    .option("--for <condition>", "create, delete, condition=NAME[=STATUS] or jsonpath='{PATH}'[=VALUE]")
    .addOption(
      new Option("--timeout <duration>", "30s, 5m …; 0 looks once, -1s waits a week")
        .argParser(limit)
        .default(DEFAULT_MS, "30s"),
    )
    .option("-f, --filename <file...>", "what manifest files name")
    .option("--all", "all pods, or objects of the kind, of the namespace")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .option("-l, --selector <labels>", "those with these labels")
    .action(
      act(async (context, names: string[], flags: WaitFlags) => {
        const { waitCommand } = await import("../wait/command.ts");
        return waitCommand(context, names, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod wait --for=condition=Ready pod/web", "until it is ready, for 30 seconds at most"],
    [
      "sudo tspod wait --for=jsonpath='{.status.phase}'=Succeeded pod/job --timeout=5m",
      "until a field has a value",
    ],
    ["sudo tspod wait --for=delete pod -l app=web --timeout=1m", "until pods are gone"],
  );
};

/** kubectl's durations, and whole seconds. */
function limit(text: string): number {
  if (/^-?\d+$/.test(text)) return Number(text) * 1000;
  if (/^-\d+(ms|s|m|h)$/.test(text)) return -1;
  return duration(text);
}
