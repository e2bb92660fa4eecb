import { seconds } from "../arguments.ts";
import { readForRemoval } from "../manifests.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags {
  filename?: string[];
  force?: boolean;
  gracePeriod?: number;
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "the manifest files the pods were started from; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("--force", "kill at once instead of stopping gracefully")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .action(
      act(async (context, files: string[], flags: Flags) => {
        const all = [...files, ...(flags.filename ?? [])];
        const manifests = await readForRemoval(context, all);
        const pods = await openPods(context);
        const { takeAway } = await import("../workloads/take-away.ts");
        // What only came along with workloads goes with them; the data of claims is the person's.
        const code = await takeAway(context, pods, manifests, {
          ...flags,
          objects: manifests.workloads.length > 0,
          claims: false,
        });
        if (manifests.workloads.length > 0)
          for (const { metadata } of manifests.claims)
            context.err(
              `persistentvolumeclaim "${metadata.name}" is kept: tspod delete pvc ${metadata.name}\n`,
            );
        return code;
      }),
    );
  examples(command, ["sudo tspod down pod.yaml", "remove what `tspod run -d pod.yaml` started"]);
};
