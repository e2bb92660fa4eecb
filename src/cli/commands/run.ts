import { Argument, Option } from "commander";
import { seconds } from "../arguments.ts";
import { noPods, type ReadOptions, readManifests, weights } from "../manifests.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";
import { type RunFlags, runPods } from "../run-pods.ts";

interface Flags extends RunFlags, ReadOptions {
  filename?: string[];
}

export const define: Define = (command, act) => {
  command
    .addArgument(new Argument("[files...]", "manifest files; - is standard input"))
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("-d, --detach", "return as soon as all containers run; the pod lives on")
    .option("-i, --stdin", "in the foreground: pass standard input on to the pod's container")
    .option("-t, --tty", "with -i: and give it a terminal")
    .option(
      "--wait",
      "with -d: return when the pod is complete, with its exit code (--wait=ready: when ready)",
    )
    .addOption(new Option("--wait-for <state>").choices(["complete", "ready"]).hideHelp())
    .option("--timeout <seconds>", "with --wait: give up waiting (exit code 124); the pod goes on", seconds)
    .option("--rm", "remove the pod when it has ended; in the foreground this is the default")
    .option("--no-rm", "in the foreground: keep the ended pod for logs and describe")
    .option("--replace", "remove a pod of the same name first")
    .option("--strict", "warnings about the manifest are errors")
    .option("--strict-single-node", "of those, only what means nothing on a single node is an error")
    .option("--skip-unsupported", "leave objects of kinds that cannot be used here out, with a warning")
    .option("--infra-bin <path>", "a static program that holds the pods' namespaces in place of tspod's own")
    .option("-q, --quiet", "no progress, only the containers' output")
    .action(
      act(async (context, files: string[], flags: Flags) => {
        const all = [...files, ...(flags.filename ?? [])];
        const manifests = await readManifests(context, all, {
          ...weights(flags),
          nothingDone: "Nothing was created.",
        });
        if (manifests.pods.length + manifests.workloads.length === 0) throw noPods(all);
        return runPods(context, await openPods(context), manifests, flags);
      }),
    );
  examples(
    command,
    ["sudo tspod run pod.yaml", "follow all containers; Ctrl-C stops the pod gracefully, twice kills it"],
    ["sudo tspod run -d pod.yaml config.yaml", "in the background, with a ConfigMap from a second file"],
    ["sudo tspod run -d --wait --timeout 60 job.yaml", "wait for its end, exit with its code"],
    ["sudo tspod run -it shell.yaml", "with a terminal; the pod goes with its container"],
    ["sudo tspod run --replace pod.yaml", "in place of the pod of that name"],
    ["cat pod.yaml | sudo tspod run -", "from standard input"],
  );
  command.addHelpText(
    "after",
    "\nThe exit code is that of the first app container, in the order of the manifest, that did not end with 0; else 0.\nIf an init container fails, its exit code.",
  );
};
