import { examples, openPods, pick, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { describePod } from "../render/describe.ts";

export const define: Define = (command, act) => {
  command.argument("<pods...>", "pods to describe").action(
    act(async (context, names: string[]) => {
      const pods = await openPods(context);
      const texts = withoutKind(names).map((name) => {
        const view = pick(context, pods, name);
        return describePod(view, pods.core.readEvents(pods.host, view), context.now());
      });
      context.out(texts.join("\n\n"));
      return 0;
    }),
  );
  examples(command, ["sudo tspod describe web", "containers, conditions, volumes and events of a pod"]);
};
