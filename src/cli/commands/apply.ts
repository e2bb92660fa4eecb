import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files: pods, workloads and what they refer to; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .action(
      act(async (context, files: string[], flags: { filename?: string[] }) => {
        const { applyFiles } = await import("../objects/apply.ts");
        return applyFiles(context, [...files, ...(flags.filename ?? [])]);
      }),
    );
  examples(
    command,
    ["sudo tspod apply -f config.yaml", "running pods see changed files at once, by one rename"],
    ["cat claim.yaml | sudo tspod apply -f -", "from standard input"],
  );
  command.addHelpText(
    "after",
    "\nVolumes follow a change; what a subPath mounts and variables stay as they are until the container starts again.",
  );
};
