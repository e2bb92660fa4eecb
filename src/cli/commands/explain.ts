import { existsSync } from "node:fs";
import { Option } from "commander";
import type { Context } from "../context.ts";
import type { ExplainFlags } from "../explain-pods.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags extends ExplainFlags {
  filename?: string[];
  recursive?: boolean;
}

export const define: Define = (command, act) => {
  command
    .argument(
      "[what...]",
      "manifest files and folders (-: standard input), fields (pod.spec.…) or codes (TS2001)",
    )
    .option("-f, --filename <file...>", "files whatever they are called, as kubectl spells it")
    .option("-c, --container <name>", "only this container's steps")
    .option("--brief", "one line for each step")
    .option("--recursive", "of a field: all that is inside it, by names and types")
    .addOption(
      new Option(
        "-o, --output <format>",
        "text: in words; json: the operations, or the field; shell: as commands; oci: config.json of each container",
      )
        .choices(["text", "json", "shell", "oci"])
        .default("text"),
    )
    .action(
      act(async (context, what: string[], flags: Flags) => {
        const files = [...what, ...(flags.filename ?? [])];
        if (flags.filename === undefined) {
          const answer = await explainMeaning(context, what, flags);
          if (answer !== undefined) return answer;
        }
        const { explainCommand } = await import("../explain-pods.ts");
        return explainCommand(context, files, flags);
      }),
    );
  examples(
    command,
    ["tspod explain pod.yaml", "each step: what, why, system calls, shell command, manifest field"],
    ["tspod explain --brief pod.yaml", "one line a step, numbered as in error messages"],
    ["tspod explain -c web pod.yaml", "one container's steps"],
    ["tspod explain -o shell pod.yaml", "the pod as a shell script, to read and learn from"],
    ["tspod explain pod.spec.containers.livenessProbe", "a field: type, default, what tspod does with it"],
    ["tspod explain TS2008", "what the code of a message means"],
  );
};

/** Answers when every word is a field or a code and none is a file; a file that is there is what is meant. */
async function explainMeaning(
  context: Context,
  words: readonly string[],
  flags: Flags,
): Promise<number | undefined> {
  if (words.length === 0 || words.some((word) => word.includes("/") || existsSync(word))) return undefined;
  const { isFieldPath } = await import("../../manifest/field-path.ts");
  const { explainWords, isCode } = await import("../explain-words.ts");
  if (!words.every((word) => isCode(word) || isFieldPath(word))) return undefined;
  return explainWords(context, words, flags);
}
