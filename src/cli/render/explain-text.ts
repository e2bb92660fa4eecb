import type { Pod } from "../../manifest/index.ts";
import { describeContainerOp, describeHostOp, fieldOf, type Narration } from "../../narrate/index.ts";
import type { ContainerOp } from "../../plan/container-op.ts";
import type { HostOp } from "../../plan/host-op.ts";
import type { ExplainedPod } from "../../pod/index.ts";
import { type Abbreviation, abbreviate, podAbbreviations } from "./abbreviate.ts";
import type { Style } from "./style.ts";

export interface ExplainStyle {
  brief: boolean;
  style: Style;
}

/** The plan as numbered steps. Steps of one section are numbered as error messages number them. */
export function explainText(pod: Pod, plan: ExplainedPod, how: ExplainStyle): string {
  const { style } = how;
  const name = pod.metadata?.name ?? "";
  const short = podAbbreviations(plan);
  const place = (container: string | undefined) => ({ pod, container, short });
  const parts = [
    style("bold", `Pod ${name}: what run would do on this machine, in this order\n`),
    ...short.map(({ name: variable, stands }) => style("dim", `  ${variable.padEnd(8)} ${stands}`)),
  ];
  if (plan.sandbox.length > 0) {
    parts.push(heading("Sandbox: what the containers share", style));
    parts.push(hostSteps(plan.sandbox, place(undefined), how));
  }
  for (const { name: container, kind, ops } of plan.containers) {
    parts.push(heading(`${kind === "init" ? "Init container" : "Container"} ${container}`, style));
    parts.push(hostSteps(ops, place(container), how));
  }
  return `${parts.join("\n")}\n`;
}

interface Place {
  pod: Pod;
  container: string | undefined;
  short: readonly Abbreviation[];
}

function heading(text: string, style: Style): string {
  return style("cyan", `\n${text}\n${"-".repeat(text.length)}`);
}

function hostSteps(ops: readonly HostOp[], place: Place, how: ExplainStyle): string {
  return ops
    .map((op, index) => {
      const own = step({ op, told: describeHostOp(op), number: index + 1, indent: "" }, place, how);
      const inner =
        op.op === "holder-start" || op.op === "container-start" ? innerSteps(op.ops, place, how) : "";
      return `${own}${inner}`;
    })
    .join("");
}

function innerSteps(ops: readonly ContainerOp[], place: Place, how: ExplainStyle): string {
  const who = place.container === undefined ? "the holder" : `container ${place.container}`;
  const clone = ops.findIndex(({ op }) => op === "clone");
  const title = (text: string) => how.style("dim", `        inside ${text}:\n`);
  const lines = ops.map((op, index) => {
    const first = index === 0 ? title(clone < 0 ? who : `the monitor of ${who}`) : "";
    const head = clone >= 0 && index === clone + 1 ? title(who) : first;
    return `${head}${step({ op, told: describeContainerOp(op), number: index + 1, indent: "        " }, place, how)}`;
  });
  return lines.join("");
}

interface Step {
  op: HostOp | ContainerOp;
  told: Narration;
  number: number;
  indent: string;
}

function step(
  { op, told, number, indent }: Step,
  { pod, container, short }: Place,
  how: ExplainStyle,
): string {
  const { style } = how;
  const field = fieldOf(op, { pod, container });
  const text = (long: string) => abbreviate(long.replaceAll("\n", "\\n"), short);
  const title = `${indent}${String(number).padStart(3)}  ${style("bold", text(told.what))}`;
  if (how.brief) return `${title}${field ? style("dim", `   ${field}`) : ""}\n`;
  const under = `${indent}     `;
  return [
    title,
    `${under}${text(told.why)}`,
    `${under}${style("dim", "calls")}  ${text(told.syscalls.join("; "))}`,
    ...(told.shell ? [`${under}${style("dim", "shell")}  ${text(told.shell)}`] : []),
    ...(field ? [`${under}${style("dim", "field")}  ${field}`] : []),
    "",
  ].join("\n");
}
