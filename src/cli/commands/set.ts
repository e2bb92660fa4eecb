import type { Command } from "commander";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import type { ImageFlags, ResourceFlags } from "../set/command.ts";

export const define: Define = (command, act) => {
  const actions = () => import("../set/command.ts");
  common(
    command
      .command("image <words...>")
      .description("other images for containers: KIND NAME… CONTAINER=IMAGE…, * for all"),
  ).action(
    act(async (context, words: string[], flags: ImageFlags) =>
      (await actions()).setImage(context, words, flags),
    ),
  );
  common(
    command.command("resources <words...>").description("cpu and memory of containers, without a restart"),
  )
    .option("-c, --containers <names>", "these, separated by commas; * for all", "*")
    .option("--limits <quantities>", "cpu=200m,memory=512Mi")
    .option("--requests <quantities>", "cpu=100m,memory=256Mi")
    .action(
      act(async (context, words: string[], flags: ResourceFlags) =>
        (await actions()).setResources(context, words, flags),
      ),
    );
  examples(
    command,
    ["sudo tspod set image pod/web nginx=nginx:1.27", "that container is started anew; its neighbours go on"],
    ["sudo tspod set image deployment/web '*=app:2'", "a rollout"],
    ["sudo tspod set resources pod/web -c nginx --limits=memory=512Mi", "in place"],
  );
};

function common(command: Command): Command {
  return command
    .option("--all", "all objects of the kind in the namespace")
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("--dry-run [client]", "change nothing");
}
