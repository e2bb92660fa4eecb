import { Option } from "commander";
import { ExitCode } from "../../errors/tspod-error.ts";
import { hostFacts } from "../../kernel/host-facts/index.ts";
import { pathsFor } from "../../state/paths.ts";
import { installationFacts } from "../installation-facts.ts";
import { networkFacts } from "../network-facts.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { factsTable, factsVerdict } from "../render/facts.ts";
import { structured } from "../render/structured.ts";

export const define: Define = (command, act) => {
  command.addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"])).action(
    act(async (context, { output }: { output?: "json" | "yaml" }) => {
      const facts = [
        ...installationFacts(pathsFor(context.global.root).lib),
        ...hostFacts(),
        ...networkFacts(),
      ];
      if (output) context.out(await structured(facts, output));
      else context.out(`${factsTable(facts, context.outStyle)}\n${factsVerdict(facts)}`);
      return facts.some(({ ok, level }) => !ok && level === "error") ? ExitCode.hostNotAble : ExitCode.ok;
    }),
  );
  examples(
    command,
    ["sudo tspod doctor", "what this machine can and cannot do; exit code 3 if pods cannot run"],
    ["sudo tspod doctor -o json", "the same for programs"],
  );
};
