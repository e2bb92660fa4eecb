import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files and folders; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .action(
      act(async (context, files: string[], flags: { filename?: string[] }) => {
        const { diffCommand } = await import("../diff/command.ts");
        return diffCommand(context, [...files, ...(flags.filename ?? [])]);
      }),
    );
  examples(
    command,
    ["sudo tspod diff -f pod.yaml", "what apply would change, as a unified diff"],
    ["sudo tspod diff -f pod.yaml > /dev/null || echo differs", "only whether it would"],
  );
  command.addHelpText(
    "after",
    "\nExit code: 0 nothing would change, 1 something would, more: an error. Values of Secrets are not shown.",
  );
};
