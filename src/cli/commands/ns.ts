import { Option } from "commander";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { namespaceLinks, uidMap } from "../../kernel/namespaces.ts";
import type { PodView } from "../../pod/view.ts";
import { type NsMatrix, type NsProcess, nsMatrix } from "../ns-matrix.ts";
import { examples, openPods, pick } from "../pods.ts";
import type { Define } from "../registry.ts";
import { nsCommands, nsLegend, nsTable } from "../render/ns-table.ts";
import { structured } from "../render/structured.ts";

interface Flags {
  verify?: boolean;
  output?: "json" | "yaml";
}

export const define: Define = (command, act) => {
  command
    .argument("<pod>", "the pod")
    .option("--verify", "compare /proc with what was recorded when the pod was made")
    .addOption(new Option("-o, --output <format>", "output format").choices(["json", "yaml"]))
    .action(
      act(async (context, name: string, flags: Flags) => {
        const view = pick(context, await openPods(context), name);
        const processes = processesOf(view);
        const matrix = nsMatrix(
          link("host", process.pid),
          processes,
          uidMap(processes[0]?.pid ?? process.pid),
        );
        if (flags.output) {
          context.out(await structured(matrix, flags.output));
          return 0;
        }
        context.out(nsTable(matrix, context.outStyle));
        context.out(`\n${nsLegend(matrix)}\n${nsCommands(matrix)}`);
        return flags.verify ? verify(view, matrix, context.out) : 0;
      }),
    );
  examples(
    command,
    ["sudo tspod ns web", "which namespaces the pod's processes are in, and why"],
    ["sudo tspod ns web --verify", "read /proc again and compare"],
  );
};

function processesOf(view: PodView): NsProcess[] {
  const { infra } = view.sandbox;
  const running = view.containers.flatMap(({ name, attempts }) => {
    const last = attempts.at(-1);
    return last?.alive && last.record.process ? [link(name, last.record.process.pid)] : [];
  });
  const all = [...(infra && view.infraAlive ? [link("<infra>", infra.pid)] : []), ...running];
  if (all.length > 0) return all;
  throw new TspodError({
    code: "TS3407",
    message: `pod "${view.record.name}" has no running process, and a namespace ends with its last process`,
    exitCode: ExitCode.failure,
  });
}

function link(name: string, pid: number): NsProcess {
  return { name, pid, links: namespaceLinks(pid) };
}

/** Exit code 1 when the holder is not in the namespaces it was made with. */
function verify(view: PodView, matrix: NsMatrix, out: (text: string) => void): number {
  const infra = matrix.rows.find(({ name }) => name === "<infra>");
  let wrong = 0;
  for (const [kind, recorded] of Object.entries(view.sandbox.namespaces)) {
    const now = infra?.cells.find((cell) => cell.kind === kind)?.link;
    if (now === undefined) continue;
    const same = now === recorded;
    if (!same) wrong++;
    out(`${same ? "✓" : "✗"} ${kind}: recorded ${recorded}, /proc/${infra?.pid}/ns/${kind} is ${now}\n`);
  }
  return wrong === 0 ? 0 : 1;
}
