import type { MetadataFlags } from "../metadata/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<words...>", "KIND NAME… or KIND/NAME…, then KEY=VALUE to set and KEY- to remove")
    .option("--overwrite", "change labels that have another value")
    .option("--all", "all objects of the kind in the namespace")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("--list", "print the labels")
    .option("--dry-run [client]", "change nothing")
    .action(
      act(async (context, words: string[], flags: MetadataFlags) => {
        const { metadataCommand } = await import("../metadata/command.ts");
        return metadataCommand(context, "labels", words, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod label pod web tier=front", "one more label"],
    ["sudo tspod label pod web tier=back --overwrite", "another value"],
    ["sudo tspod label pod web tier-", "without that label"],
    ["sudo tspod label pods -l app=web env=test", "of all pods with a label"],
    ["sudo tspod label pod web --list", "which there are"],
  );
  command.addHelpText(
    "after",
    "\nA downwardAPI volume that shows them has the change when the command returns.",
  );
};
