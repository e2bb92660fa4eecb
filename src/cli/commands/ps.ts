import { commaSeparated } from "../arguments.ts";
import { type ListFlags, listCommand } from "../list-pods.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { outputFormat } from "../render/output.ts";

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "only these pods")
    .option("-a, --all", "also pods that have ended")
    .option("-A, --all-namespaces", "pods of all namespaces")
    .option("-w, --watch", "go on printing changes")
    .option("--infra", "one row for each process: the pod's holder and its containers")
    .option("-l, --selector <labels>", "only pods with these labels, as in kubectl: app=web,tier!=db")
    .option("--no-headers", "without the first line")
    .option("--sort-by <path>", "in the order of a field: .metadata.creationTimestamp")
    .option("--show-labels", "with a column of the labels")
    .option("-L, --label-columns <keys>", "with a column for each of these labels: app,tier", commaSeparated)
    .option("--field-selector <fields>", "only those with these fields: status.phase=Running")
    .option(
      "-o, --output <format>",
      "wide, json, yaml, name, jsonpath=…, custom-columns=…: as in get",
      outputFormat,
    )
    .action(act((context, names: string[], flags: ListFlags) => listCommand(context, names, flags)));
  examples(
    command,
    ["sudo tspod ps", "what is running"],
    ["sudo tspod ps -a -o wide", "ended ones too, with address, ports and uid"],
    ["sudo tspod ps --infra", "each process with its pid; ports stand at the holder"],
    ["sudo tspod ps -w", "watch states change"],
    ["sudo tspod ps web -o json", "one pod as the Kubernetes API has it"],
  );
};
