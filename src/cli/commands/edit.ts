import { Option } from "commander";
import type { EditFlags } from "../edit/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<names...>", "KIND NAME, KIND/NAME or a pod's name")
    .addOption(new Option("-o, --output <format>", "what to edit").choices(["yaml", "json"]).default("yaml"))
    .action(
      act(async (context, names: string[], flags: EditFlags) => {
        const { editCommand } = await import("../edit/command.ts");
        return editCommand(context, names, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod edit configmap site", "in $KUBE_EDITOR, $EDITOR or vi; pods see the change"],
    ["sudo tspod edit pod web", "labels, annotations, images: what a pod can be changed in"],
    ["sudo KUBE_EDITOR='sed -i s/1.25/1.27/' tspod edit pod web", "any program that changes a file"],
  );
  command.addHelpText(
    "after",
    "\nWhat is wrong is shown in the file, which is opened again. Saving it empty, or as it was, changes nothing.",
  );
};
