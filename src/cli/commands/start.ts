import { forEachPod } from "../each-pod.ts";
import { examples, openPods, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { startAgain } from "../start-again.ts";

export const define: Define = (command, act) => {
  command.argument("<pods...>", "pods that are stopped").action(
    act(async (context, names: string[]) => {
      const pods = await openPods(context);
      return forEachPod(context, pods, withoutKind(names), async (view) => {
        await startAgain(context, pods, view);
        return `pod/${view.record.name} started\n`;
      });
    }),
  );
  examples(command, [
    "sudo tspod start web",
    "a pod that was stopped, or that a restart of the machine has ended",
  ]);
};
