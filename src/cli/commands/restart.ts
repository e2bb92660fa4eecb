import { seconds } from "../arguments.ts";
import { forEachPod } from "../each-pod.ts";
import { refuseLeftBehind } from "../left-behind.ts";
import { patiently } from "../patience.ts";
import { examples, openPods } from "../pods.ts";
import type { Define } from "../registry.ts";
import { startAgain } from "../start-again.ts";

export const define: Define = (command, act) => {
  command
    .argument("<pods...>", "pods to stop, if they run, and to start again")
    .option("-t, --grace-period <seconds>", "time between TERM and KILL (default: the pod's own)", seconds)
    .action(
      act(async (context, names: string[], { gracePeriod }: { gracePeriod?: number }) => {
        const pods = await openPods(context);
        const { core, host } = pods;
        return forEachPod(context, pods, names, async (view) => {
          const grace = gracePeriod === undefined ? {} : { graceSeconds: gracePeriod };
          if (view.sandbox.phase !== "stopped") {
            const stop = core.stopPod(host, view, grace);
            refuseLeftBehind(view, "stopped", await patiently(context, view, grace, stop));
          }
          await startAgain(context, pods, core.viewPod(host, view.record.uid) ?? view);
          return `pod/${view.record.name} restarted\n`;
        });
      }),
    );
  examples(command, ["sudo tspod restart web", "init containers and all; uid, volumes and logs stay"]);
};
