import type { Pod } from "../../manifest/index.ts";
import { describeOp, fieldOf } from "../../narrate/index.ts";
import type { ContainerOp } from "../../plan/container-op.ts";
import type { HostOp } from "../../plan/host-op.ts";
import type { ExplainedPod } from "../../pod/index.ts";
import type { Style } from "./style.ts";

export interface ExplainStyle {
  brief: boolean;
  style: Style;
}

/** The plan as numbered steps. Steps of one section are numbered as error messages number them. */
export function explainText(pod: Pod, plan: ExplainedPod, how: ExplainStyle): string {
  const { style } = how;
  const name = pod.metadata?.name ?? "";
  const parts = [style("bold", `Pod ${name}: what run would do on this machine, in this order\n`)];
  if (plan.sandbox.length > 0) {
    parts.push(heading("Sandbox: what the containers share", style));
    parts.push(hostSteps(plan.sandbox, { pod, container: undefined, holder: "holder" }, how));
  }
  for (const { name: container, kind, ops } of plan.containers) {
    parts.push(heading(`${kind === "init" ? "Init container" : "Container"} ${container}`, style));
    parts.push(hostSteps(ops, { pod, container, holder: `container ${container}` }, how));
  }
  return `${parts.join("\n")}\n`;
}

interface Place {
  pod: Pod;
  container: string | undefined;
  /** Who carries out the inner steps. */
  holder: string;
}

function heading(text: string, style: Style): string {
  return style("cyan", `${text}\n${"-".repeat(text.length)}`);
}

function hostSteps(ops: readonly HostOp[], place: Place, how: ExplainStyle): string {
  return ops
    .map((op, index) => {
      const own = step(op, `${index + 1}`.padStart(3), "", place, how);
      const inner =
        op.op === "holder-start" || op.op === "container-start" ? innerSteps(op.ops, place, how) : "";
      return `${own}${inner}`;
    })
    .join("");
}

function innerSteps(ops: readonly ContainerOp[], place: Place, how: ExplainStyle): string {
  const clone = ops.findIndex(({ op }) => op === "clone");
  const title = (who: string) => how.style("dim", `        inside ${place.holder}${who}:\n`);
  const lines = ops.map((op, index) => {
    const number = `${index + 1}`.padStart(3);
    const head =
      index === 0
        ? title(clone < 0 ? "" : ", its monitor")
        : index === clone + 1 && clone >= 0
          ? title("")
          : "";
    return `${head}${step(op, number, "        ", place, how)}`;
  });
  return lines.join("");
}

function step(
  op: HostOp | ContainerOp,
  number: string,
  indent: string,
  place: Place,
  how: ExplainStyle,
): string {
  const { what, why, syscalls, shell } = describeOp(op);
  const { style } = how;
  const field = fieldOf(op, place);
  const title = `${indent}${number}  ${style("bold", what)}`;
  if (how.brief) return `${title}${field ? style("dim", `   ${field}`) : ""}\n`;
  const under = `${indent}     `;
  return [
    title,
    `${under}${why}`,
    `${under}${style("dim", "calls")}  ${syscalls.join("; ")}`,
    ...(shell ? [`${under}${style("dim", "shell")}  ${shell.replaceAll("\n", "\\n")}`] : []),
    ...(field ? [`${under}${style("dim", "field")}  ${field}`] : []),
    "",
  ].join("\n");
}
