import { namedObjects } from "../objects/kinds.ts";
import { examples, namespaceOf, openPods, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { describePod } from "../render/describe.ts";
import { type TargetFlags, targetsOf } from "../targets.ts";

export const define: Define = (command, act) => {
  command
    .argument("<pods...>", "pods to describe; or KIND NAME…, KIND/NAME…, or a KIND: all of it")
    .option("-l, --selector <labels>", "only objects with these labels")
    .option("-A, --all-namespaces", "of every namespace")
    .action(
      act(async (context, words: string[], flags: TargetFlags) => {
        const pods = await openPods(context);
        const one = words.length === 1 ? words : [];
        const ofKind = one.length > 0 && (namedObjects(one)?.names ?? withoutKind(one)).length === 0;
        const all = ofKind && flags.selector === undefined;
        const targets = targetsOf(context, pods, words, { ...flags, all });
        if (targets.length === 0)
          context.err(
            flags.allNamespaces
              ? "No resources found\n"
              : `No resources found in ${namespaceOf(context)} namespace.\n`,
          );
        const texts = await Promise.all(
          targets.map(async (target) => {
            if (target.kind === "Pod")
              return describePod(target.view, pods.core.readEvents(pods.host, target.view), context.now());
            const { describeStored } = await import("../objects/describe.ts");
            return describeStored(context, pods, target.object);
          }),
        );
        context.out(texts.join("\n\n"));
        return 0;
      }),
    );
  examples(
    command,
    ["sudo tspod describe web", "containers, conditions, volumes and events of a pod"],
    ["sudo tspod describe deployment/web", "replicas, template, conditions and events of a workload"],
    ["sudo tspod describe pods -l app=web", "all pods with a label"],
  );
};
