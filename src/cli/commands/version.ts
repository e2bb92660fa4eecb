import { Option } from "commander";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { VERSION } from "../version.ts";

export const define: Define = (command, act) => {
  command.addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"])).action(
    act(async (context, options: { output?: "json" | "yaml" }) => {
      if (!options.output) {
        context.out(`tspod ${VERSION}\n`);
        return 0;
      }
      const { release } = await import("node:os");
      const { structured } = await import("../render/structured.ts");
      const about = { version: VERSION, kubernetesApi: "1.36", node: process.version, kernel: release() };
      context.out(await structured(about, options.output));
      return 0;
    }),
  );
  examples(command, ["tspod version", "one line"], ["tspod version -o json", "with Node's and the kernel's"]);
};
