import { Option } from "commander";
import { ExitCode } from "../../errors/tspod-error.ts";
import type { ManifestObject } from "../../manifest/index.ts";
import { problemRow } from "../../manifest/render-problem.ts";
import { sumOfErrors } from "../manifest-files.ts";
import { printProblems, type ReadOptions, readManifestFiles, weights } from "../manifests.ts";
import { examples } from "../pods.ts";
import type { Define } from "../registry.ts";
import { structured } from "../render/structured.ts";

interface Flags extends ReadOptions {
  filename?: string[];
  output?: "json" | "yaml";
}

export const define: Define = (command, act) => {
  command
    .argument("[files...]", "manifest files and folders; - is standard input")
    .option("-f, --filename <file...>", "the same, as kubectl spells it")
    .option("--strict", "all warnings are errors")
    .option("--strict-single-node", "fields that mean nothing on a single node are errors")
    .option("--skip-unsupported", "kinds that cannot be used here are warnings")
    .addOption(
      new Option("-o, --output <format>", "the objects with every default, or the list of problems").choices([
        "json",
        "yaml",
      ]),
    )
    .action(
      act(async (context, named: string[], flags: Flags) => {
        const files = [...named, ...(flags.filename ?? [])];
        const { objects, problems, warnings } = await readManifestFiles(files, weights(flags));
        const good = problems.length === 0;
        if (flags.output === undefined || good) printProblems(context, [...problems, ...warnings]);
        if (flags.output !== undefined) {
          const answer = good ? await stored(objects) : [...problems, ...warnings].map(problemRow);
          context.out(await structured(answer, flags.output));
        } else if (good) context.out(objects.map(({ kind, object }) => line(kind, object)).join(""));
        else context.err(`${sumOfErrors(problems.length, files)}.\n`);
        return good ? ExitCode.ok : ExitCode.invalid;
      }),
    );
  examples(
    command,
    ["tspod validate pod.yaml", "every problem of the file, or one line for each object"],
    ["tspod validate -o yaml pod.yaml", "the objects with every default filled in"],
    ["tspod validate --strict-single-node manifests/", "a folder; what only a cluster can do is an error"],
    ["cat pod.yaml | tspod validate -", "from standard input"],
  );
};

/** As the API server would give them out: one object as it is, several as a list. */
async function stored(manifests: readonly ManifestObject[]): Promise<unknown> {
  const [{ asStored }, { sorted }] = await Promise.all([
    import("../../manifest/as-stored.ts"),
    import("../jsonpath/evaluate.ts"),
  ]);
  const objects = manifests.map(asStored);
  return sorted(objects.length === 1 ? objects[0] : { apiVersion: "v1", kind: "List", items: objects });
}

function line(kind: string, { metadata }: { metadata: { name: string; namespace: string } }): string {
  const namespace = metadata.namespace === "default" ? "" : ` (namespace ${metadata.namespace})`;
  return `${kind.toLowerCase()}/${metadata.name} is valid${namespace}\n`;
}
