import { namedObjects } from "../objects/kinds.ts";
import { examples, openPods, pick, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { describePod } from "../render/describe.ts";

export const define: Define = (command, act) => {
  command.argument("<pods...>", "pods to describe; or KIND NAME…, KIND/NAME").action(
    act(async (context, names: string[]) => {
      const pods = await openPods(context);
      const objects = namedObjects(names);
      if (objects) {
        const { describeObjects } = await import("../objects/describe.ts");
        context.out((await describeObjects(context, pods, objects)).join("\n\n"));
        return 0;
      }
      const texts = withoutKind(names).map((name) => {
        const view = pick(context, pods, name);
        return describePod(view, pods.core.readEvents(pods.host, view), context.now());
      });
      context.out(texts.join("\n\n"));
      return 0;
    }),
  );
  examples(
    command,
    ["sudo tspod describe web", "containers, conditions, volumes and events of a pod"],
    ["sudo tspod describe deployment/web", "replicas, template, conditions and events of a workload"],
  );
};
