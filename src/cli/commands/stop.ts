import { seconds } from "../arguments.ts";
import { chooseContainer } from "../container-choice.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import { patiently } from "../patience.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";
import { type WhichPods, whichPods } from "../which-pods.ts";

interface Flags extends WhichPods {
  container?: string;
  gracePeriod?: number;
}

export const define: Define = (command, act) => {
  command
    .argument("[pods...]", "pods to stop")
    .option("-c, --container <name>", "only this container")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .option("--all", "all pods of the namespace")
    .option("-l, --selector <labels>", "only pods with these labels")
    .option("-A, --all-namespaces", "with --all or -l: of every namespace")
    .action(
      act(async (context, names: string[], flags: Flags) => {
        const pods = await openPods(context);
        return forEachPod(context, pods, whichPods(context, pods, names, flags), async (view) => {
          const container = flags.container && chooseContainer(view.record.pod, flags.container).container;
          const stop = pods.core.stopPod(pods.host, view, {
            ...(flags.gracePeriod === undefined ? {} : { graceSeconds: flags.gracePeriod }),
            ...(container ? { container } : {}),
          });
          const left = await patiently(context, view, { graceSeconds: flags.gracePeriod }, stop);
          refuseLeftBehind(view, "stopped", left);
          const what = container
            ? `container "${container}" of pod "${view.record.name}"`
            : `pod "${view.record.name}"`;
          return `${what} stopped\n`;
        });
      }),
    );
  examples(
    command,
    ["sudo tspod stop web", "TERM to all containers at once, KILL after the grace period"],
    ["sudo tspod stop web -c nginx", "one container; its neighbours go on"],
    ["sudo tspod stop -t 0 web db", "two pods, without waiting"],
    ["sudo tspod stop --all", "all pods of the namespace, beside each other"],
  );
};
