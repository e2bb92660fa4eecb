import { singular } from "../../manifest/resource.ts";
import { count } from "../arguments.ts";
import { examples, namespaceOf, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";

interface Flags {
  replicas: number;
  currentReplicas?: number;
}

export const define: Define = (command, act) => {
  command
    .argument("<workloads...>", "deployment/NAME, replicaset/NAME, statefulset/NAME; or KIND NAME…")
    .requiredOption("--replicas <count>", "how many pods there are to be", count)
    .option("--current-replicas <count>", "only if there are so many now", count)
    .action(
      act(async (context, words: string[], { replicas, currentReplicas }: Flags) => {
        const [{ namedWorkloads }, { tend }, { scaleWorkload }] = await Promise.all([
          import("../workloads/named.ts"),
          import("../workloads/tend.ts"),
          import("../../workload/index.ts"),
        ]);
        const wanted = namedWorkloads(words);
        const pods = await openPods(context);
        const namespace = namespaceOf(context);
        for (const { kind, name } of wanted) {
          const change = { replicas, ...(currentReplicas === undefined ? {} : { current: currentReplicas }) };
          scaleWorkload(pods.host, kind, { namespace, name }, change);
          context.out(`${singular(kind)}/${name} scaled\n`);
        }
        await tend(context, pods);
        return 0;
      }),
    );
  examples(
    command,
    ["sudo tspod scale deployment/web --replicas=3", "three pods"],
    ["sudo tspod scale sts db --replicas=0", "none; their claims stay"],
    ["sudo tspod scale deploy web --current-replicas=2 --replicas=3", "only if there are two now"],
  );
};
