import { Option } from "commander";
import { ExitCode } from "../../errors/tspod-error.ts";
import { problemRow } from "../../manifest/render-problem.ts";
import { printProblems, readManifestFiles } from "../manifests.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { structured } from "../render/structured.ts";

interface Flags {
  filename?: string[];
  strict?: boolean;
  output?: "json" | "yaml";
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("--strict", "warnings are errors")
    .addOption(
      new Option("-o, --output <format>", "problems, or the objects when there are none").choices([
        "json",
        "yaml",
      ]),
    )
    .action(
      act(async (context, files: string[], flags: Flags) => {
        const { objects, problems, warnings } = await readManifestFiles(
          [...files, ...(flags.filename ?? [])],
          flags,
        );
        const all = [...problems, ...warnings];
        if (flags.output) {
          const good = problems.length === 0;
          const list = { apiVersion: "v1", kind: "List", items: objects.map(({ object }) => object) };
          context.out(await structured(good ? list : all.map(problemRow), flags.output));
        } else {
          printProblems(context, all);
          if (problems.length === 0)
            context.out(objects.map(({ kind, object }) => line(kind, object)).join(""));
        }
        return problems.length === 0 ? ExitCode.ok : ExitCode.invalid;
      }),
    );
  examples(
    command,
    ["tspod validate pod.yaml", "every problem of the file, or one line for each object"],
    ["tspod validate -o yaml pod.yaml", "the objects with every default filled in"],
    ["cat pod.yaml | tspod validate -", "from standard input"],
  );
};

function line(kind: string, { metadata }: { metadata: { name: string; namespace: string } }): string {
  const namespace = metadata.namespace === "default" ? "" : ` (namespace ${metadata.namespace})`;
  return `${kind.toLowerCase()}/${metadata.name} is valid${namespace}\n`;
}
