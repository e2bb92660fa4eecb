import type { MetadataFlags } from "../metadata/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<words...>", "KIND NAME… or KIND/NAME…, then KEY=VALUE to set and KEY- to remove")
    .option("--overwrite", "change annotations that have another value")
    .option("--all", "all objects of the kind in the namespace")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("--list", "print the annotations")
    .option("--dry-run [client]", "change nothing")
    .action(
      act(async (context, words: string[], flags: MetadataFlags) => {
        const { metadataCommand } = await import("../metadata/command.ts");
        return metadataCommand(context, "annotations", words, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod annotate pod web owner=me", "one more annotation"],
    ["sudo tspod annotate pod web owner=you --overwrite", "another value"],
    ["sudo tspod annotate configmap site owner-", "without that annotation"],
    ["sudo tspod annotate pods --all checked=yes", "of all pods of the namespace"],
  );
  command.addHelpText(
    "after",
    "\nA downwardAPI volume that shows them has the change when the command returns.",
  );
};
