import type { CopyFlags } from "../copy/command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .argument("<source>", "a local path, or [NAMESPACE/]POD:PATH; - is a tar archive on standard input")
    .argument("<destination>", "the other of them; - is a tar archive on standard output")
    .option("-c, --container <name>", "the container (default: the first, or the annotation's)")
    .option("--no-preserve", "owner and permissions of what is copied into a container are not kept")
    .option("--retries <n>", "for kubectl's sake: a copy on one machine does not break off")
    .action(
      act(async (context, source: string, destination: string, flags: CopyFlags) => {
        const { copyCommand } = await import("../copy/command.ts");
        return copyCommand(context, source, destination, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod cp web:/etc/nginx/nginx.conf ./nginx.conf", "a file out of a container"],
    ["sudo tspod cp ./site web:/srv -c nginx", "a folder into one"],
    ["sudo tspod cp staging/web:/var/log ./log", "of a pod of another namespace"],
    ["sudo tspod cp web:/srv - | tar -t", "as a tar archive"],
  );
  command.addHelpText(
    "after",
    "\nThe container needs no tar. Its own user reads and writes there; symbolic links are not copied out.",
  );
};
