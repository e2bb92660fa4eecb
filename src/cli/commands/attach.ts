import type { AttachFlags } from "../attach/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<pod>", "the pod")
    .option("-c, --container <name>", "the container (default: the first, or the annotation's)")
    .option("-i, --stdin", "pass standard input on: the container's manifest says stdin: true")
    .option("-t, --tty", "standard input is a terminal: the container's manifest says tty: true")
    .option("-q, --quiet", "print only what the container writes")
    .action(
      act(async (context, pod: string, flags: AttachFlags) => {
        const { attachCommand } = await import("../attach/command.ts");
        return attachCommand(context, pod, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod attach web", "see what the first container writes from now on"],
    ["sudo tspod attach -it shell", "type to a container with stdin and tty"],
    ["echo go | sudo tspod attach -i worker", "one line for its standard input"],
  );
  command.addHelpText(
    "after",
    "\nCtrl-P Ctrl-Q lets go of a terminal and leaves the container running. Otherwise the exit code is the container's.",
  );
};
