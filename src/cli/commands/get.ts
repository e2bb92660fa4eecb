import { Option } from "commander";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { type ListFlags, listCommand } from "../list-pods.ts";
import { examples, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<kind>", "pods, pod, po, or pod/NAME")
    .argument("[pods...]", "only these pods")
    .option("-A, --all-namespaces", "pods of all namespaces")
    .option("-w, --watch", "go on printing changes")
    .option("-l, --selector <labels>", "only pods with these labels")
    .option("--no-headers", "without the first line")
    .addOption(new Option("-o, --output <format>", "output format").choices(["wide", "json", "yaml", "name"]))
    .action(
      act((context, kind: string, names: string[], flags: ListFlags) => {
        if (!/^(pods?|po)(\/.+)?$/.test(kind)) {
          throw new TspodError({
            code: "TS3405",
            message: `get knows pods only, not "${kind}"`,
            hint: "tspod get pods",
            exitCode: ExitCode.invalid,
          });
        }
        return listCommand(context, withoutKind([kind, ...names]), { ...flags, all: true });
      }),
    );
  examples(
    command,
    ["sudo tspod get pods", "all pods, ended ones too"],
    ["sudo tspod get pod web -o yaml", "the manifest with its status"],
  );
};
