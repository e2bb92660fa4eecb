import { Option } from "commander";
import { examples, openPods, pick, withoutKind } from "../pods.ts";
import type { Define } from "../registry.ts";
import { inspection } from "../render/inspection.ts";
import { structured } from "../render/structured.ts";

export const define: Define = (command, act) => {
  command
    .argument("<pods...>", "pods to inspect")
    .addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"]).default("json"))
    .action(
      act(async (context, names: string[], flags: { output: "json" | "yaml" }) => {
        const pods = await openPods(context);
        const found = withoutKind(names).map((name) => inspection(pick(context, pods, name)));
        context.out(await structured(found.length === 1 ? found[0] : found, flags.output));
        return 0;
      }),
    );
  examples(
    command,
    ["sudo tspod inspect web", "the pod as the Kubernetes API has it, and its processes"],
    ["sudo tspod inspect web | jq .status.infra.pid", "the pid of its holder"],
  );
};
