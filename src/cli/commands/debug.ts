import { Option } from "commander";
import { collect } from "../arguments.ts";
import type { DebugCommandFlags } from "../debug/command.ts";
import { PROFILES } from "../debug/container.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command
    .showHelpAfterError(
      "(flags of the command to run come after --: tspod debug POD --image=busybox -- ls -l)",
    )
    .argument("<pod>", "the pod")
    .argument("[command...]", "the command and its arguments, after -- (default: the image's)")
    .option("--image <image>", "the image of the container that is added")
    .option("-c, --container <name>", "its name (default: debugger- and five letters)")
    .option("-i, --stdin", "keep its standard input open, and join it")
    .option("-t, --tty", "give it a terminal")
    .option("--target <container>", "in the PID namespace of this container")
    .option("--with-fs", "with the right to look into the target's files, at /proc/1/root")
    .option("--volumes-from <container>", "with the volumes of this container, at the same places")
    .option("--copy-to <name>", "leave the pod alone, and look into a copy of this name")
    .option(
      "--set-image <container=image>",
      "with --copy-to: another image, * for all; may be repeated",
      collect,
    )
    .option("--replace", "with --copy-to: remove the pod itself")
    .addOption(
      new Option("--share-processes <bool>", "with --copy-to: one PID namespace for all containers")
        .default(true)
        .argParser((text) => text !== "false"),
    )
    .option("--keep-labels", "with --copy-to: with the labels, which services and workloads go by")
    .option("--keep-annotations", "with --copy-to: with the annotations")
    .option("--keep-liveness", "with --copy-to: with liveness probes")
    .option("--keep-readiness", "with --copy-to: with readiness probes")
    .option("--keep-startup", "with --copy-to: with startup probes")
    .option("--env <NAME=value>", "a variable; may be repeated", collect)
    .addOption(
      new Option("--image-pull-policy <policy>", "as in a manifest").choices([
        "Always",
        "IfNotPresent",
        "Never",
      ]),
    )
    .addOption(new Option("--profile <profile>", "its rights").choices(PROFILES).default("general"))
    .option("--attach", "join it also without -i")
    .option("-q, --quiet", "print only what the container writes")
    .action(
      act(async (context, pod: string, argv: string[], flags: DebugCommandFlags) => {
        const { debugCommand } = await import("../debug/command.ts");
        return debugCommand(context, pod, argv, flags);
      }),
    );
  examples(
    command,
    [
      "sudo tspod debug web -it --copy-to=try -c app -- sh",
      "a copy of the pod, with a shell in place of app",
    ],
    [
      "sudo tspod debug web -it --image=busybox",
      "a shell beside the containers of a pod: its network, its cgroup",
    ],
    ["sudo tspod debug web -it --image=busybox --target=app", "and the processes of one container"],
    [
      "sudo tspod debug web -i --image=busybox --target=app -- ls /proc/1/root",
      "its files, though it has no ls",
    ],
  );
  command.addHelpText(
    "after",
    "\nThe container stays listed with the pod, under Ephemeral Containers; it is not started again, and cannot be taken away.",
  );
};
