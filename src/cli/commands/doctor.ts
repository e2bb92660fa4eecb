import { Option } from "commander";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";

export const define: Define = (command, act) => {
  command.addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"])).action(
    act(async () => {
      throw new Error("not yet");
    }),
  );
  examples(
    command,
    ["tspod doctor", "what this machine can and cannot do"],
    ["tspod doctor -o json", "the same for programs"],
  );
};
