import { Option } from "commander";
import { type ExplainFlags, explainCommand } from "../explain-pods.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags extends ExplainFlags {
  filename?: string[];
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("-c, --container <name>", "only this container's steps")
    .option("--brief", "one line for each step")
    .addOption(
      new Option(
        "-o, --output <format>",
        "text: in words; json: the operations; shell: as commands; oci: config.json of each container",
      )
        .choices(["text", "json", "shell", "oci"])
        .default("text"),
    )
    .action(
      act((context, files: string[], flags: Flags) =>
        explainCommand(context, [...files, ...(flags.filename ?? [])], flags),
      ),
    );
  examples(
    command,
    ["tspod explain pod.yaml", "each step: what, why, system calls, shell command, manifest field"],
    ["tspod explain --brief pod.yaml", "one line a step, numbered as in error messages"],
    ["tspod explain -c web pod.yaml", "one container's steps"],
    ["tspod explain -o shell pod.yaml", "the pod as a shell script, to read and learn from"],
  );
};
