import { Option } from "commander";
import type { GenerateFlags } from "../generate/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<names...>", "pods; or KIND NAME…, KIND/NAME…")
    .option("--with-defaults", "with every default filled in")
    .addOption(new Option("-o, --output <format>", "output format").choices(["yaml", "json"]).default("yaml"))
    .action(
      act(async (context, names: string[], flags: GenerateFlags) => {
        const { generateCommand } = await import("../generate/command.ts");
        return generateCommand(context, names, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod generate web > web.yaml", "the manifest that makes this pod again, as it is now"],
    ["sudo tspod generate web --with-defaults", "with what was left unsaid"],
    ["sudo tspod generate configmap site", "a stored object"],
  );
  command.addHelpText(
    "after",
    "\nConfigMaps, Secrets and claims that came with the pod's own file, and are not stored by themselves, go along.",
  );
};
