import type { Pod } from "../../manifest/index.ts";
import { describeContainerOp, describeHostOp, type Narration } from "../../narrate/index.ts";
import type { ContainerOp } from "../../plan/container-op.ts";
import type { HostOp } from "../../plan/host-op.ts";
import type { ExplainedPod } from "../../pod/index.ts";

/** The plan as a shell script to read: each step as a command where there is one, as a comment where there is none. */
export function explainShell(pod: Pod, plan: ExplainedPod): string {
  const lines = [
    "#!/bin/bash",
    `# Pod ${pod.metadata?.name}: the steps of tspod as shell commands, for reading and trying one by one.`,
    "# Steps with no command of their own are comments. Commands of a process that does not exist yet when the line is",
    "# reached ($HOLDER is the holder's pid, $ROOT the container's root) run inside that process in reality.",
    "",
    ...section("sandbox", plan.sandbox),
    ...plan.containers.flatMap(({ name, ops }) => section(`container ${name}`, ops)),
  ];
  return `${lines.join("\n")}\n`;
}

function section(name: string, ops: readonly HostOp[]): string[] {
  if (ops.length === 0) return [];
  return [`### ${name}`, ...ops.flatMap((op) => hostLines(op, name)), ""];
}

function hostLines(op: HostOp, name: string): string[] {
  const own = commandLines(describeHostOp(op));
  if (op.op === "holder-start") return [...own, "HOLDER=$!", "# inside the holder:", ...indented(op.ops)];
  if (op.op === "container-start") return [...own, "(", ...indented(op.ops), `) &  # ${name}`];
  return own;
}

function indented(ops: readonly ContainerOp[]): string[] {
  return ops.flatMap((op) => commandLines(describeContainerOp(op))).map((line) => `  ${line}`);
}

function commandLines({ what, shell }: Narration): string[] {
  return shell === undefined ? [`# ${what.replaceAll("\n", "\\n")}`] : shell.split("\n");
}
