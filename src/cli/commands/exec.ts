import { Option } from "commander";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { collect } from "../arguments.ts";
import { type ExecFlags, execCommand } from "../exec-command.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .showHelpAfterError("(flags of the command to run come after --: tspod exec POD -- ls -l)")
    .argument("<pod>", "the pod")
    .argument("[command...]", "the command and its arguments, after --")
    .option("-c, --container <name>", "the container (default: the first, or the annotation's)")
    .addOption(
      new Option(
        "-d, --detach",
        "return once the command runs: nobody sees its output or its exit code",
      ).conflicts(["stdin", "tty"]),
    )
    .option("-i, --stdin", "pass standard input on")
    .option("-t, --tty", "give the command a terminal")
    .option("-q, --quiet", "print only what the command writes")
    .option("-u, --user <user>", "uid, name, or either with :group, by the image's own files")
    .option("-w, --workdir <dir>", "working directory (default: the container's)")
    .option("-e, --env <NAME=value>", "a variable more; may be repeated", collect)
    .action(
      act((context, pod: string, argv: string[], flags: ExecFlags) => {
        if (argv.length === 0) {
          throw new TspodError({
            code: "TS3411",
            message: "you must specify at least one command for the container",
            hint: `tspod exec ${pod} -- COMMAND`,
            exitCode: ExitCode.invalid,
          });
        }
        return execCommand(context, pod, argv, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod exec web -- ls /", "in the first container (which one is said)"],
    ["sudo tspod exec -it web -c app -- sh", "a shell with a terminal"],
    ["echo hello | sudo tspod exec -i web -- cat", "with standard input"],
    ["sudo tspod exec -d web -- /bin/reindex", "without waiting for its end"],
    ["sudo tspod exec web -u nobody -w /tmp -e A=1 -- env", "as another user"],
  );
  command.addHelpText(
    "after",
    "\nThe exit code is the command's; 126 and 127 if it could not be executed or found; 128 plus the signal that ended it. It is no part of the pod's status.",
  );
};
