import { Option } from "commander";
import { matchesSelector, parseSelector } from "../../manifest/index.ts";
import { podUsages } from "../../pod/usage.ts";
import { duration } from "../arguments.ts";
import { usage } from "../objects/several.ts";
import { examples, namespaceOf, openPods, pick, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { structured } from "../render/structured.ts";
import { table } from "../render/table.ts";
import { sortUsages, type UsageOptions, usageRows } from "../render/usage-list.ts";

interface Flags {
  allNamespaces?: boolean;
  containers?: boolean;
  /** Milliseconds. */
  interval?: number;
  selector?: string;
  sortBy?: "cpu" | "memory";
  sum?: boolean;
  headers: boolean;
  output?: "json" | "yaml";
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "only these pods")
    .option("-A, --all-namespaces", "pods of all namespaces")
    .option("--containers", "a line for each container")
    .option("-l, --selector <labels>", "only pods with these labels")
    .addOption(new Option("--sort-by <what>", "the largest first").choices(["cpu", "memory"]))
    .option("--sum", "a last line with the sum")
    .option("--no-headers", "without the first line")
    .option("--interval <duration>", "time over which CPU use is measured (default 500ms)", duration)
    .addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"]))
    .action(
      act(async (context, words: string[], flags: Flags) => {
        const pods = await openPods(context);
        const { core, host } = pods;
        const names = withoutKind(words);
        if (
          /^nodes?$/.test(names[0] ?? "") &&
          !core.listPods(host).some(({ record }) => record.name === names[0])
        )
          throw usage(`top does not know "${names[0]}"`, "this machine is the only node: tspod doctor");
        const selector = flags.selector === undefined ? [] : parseSelector(flags.selector);
        const views =
          names.length > 0
            ? names.map((name) => pick(context, pods, name))
            : core
                .listPods(host)
                .filter(({ record }) => flags.allNamespaces || record.namespace === namespaceOf(context))
                .filter(({ record }) => matchesSelector(selector, record.pod.metadata?.labels));
        const running = views.filter(({ infraAlive }) => infraAlive);
        const measured = await podUsages(host.facts(), running, flags.interval ?? 500);
        const usages = sortUsages(measured, flags.sortBy);
        if (flags.output) {
          const rows = usages.map(({ view, total, containers }) => ({
            namespace: view.record.namespace,
            name: view.record.name,
            usage: total,
            containers,
          }));
          context.out(await structured(rows, flags.output));
        } else if (usages.length === 0) context.err("No running pods found\n");
        else context.out(table(usageRows(usages, rowOptions(flags))));
        return 0;
      }),
    );
  examples(
    command,
    ["sudo tspod top", "CPU, memory and processes of each running pod"],
    ["sudo tspod top web --containers", "of each container of one pod"],
    ["sudo tspod top -A --sort-by=memory --sum", "the largest first, and what it comes to"],
    ["sudo tspod top -o json --interval 2s", "for programs, measured over two seconds"],
  );
};

function rowOptions({ containers, allNamespaces, headers, sum }: Flags): UsageOptions {
  return {
    containers: containers ?? false,
    namespaces: allNamespaces ?? false,
    headers,
    sum: sum ?? false,
  };
}
