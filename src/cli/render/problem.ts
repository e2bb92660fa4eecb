import type { Problem } from "../../manifest/index.ts";
import type { Style } from "./style.ts";

/** A manifest's problem with the lines it stands in and a caret under it. */
export function renderProblem(problem: Problem, style: Style): string {
  const { severity, code, position, excerpt, help } = problem;
  const colour = severity === "error" ? "red" : "yellow";
  const path = problem.path === "" || namesField(problem.message) ? "" : `${problem.path}: `;
  const lines = [
    `${style(colour, `${severity}[${code}]`)}${style("bold", `: ${path}${problem.message}`)}`,
    `  ${style("blue", "-->")} ${position.file}:${position.line}:${position.column}`,
  ];
  if (excerpt) {
    const gutter = Math.max(...excerpt.lines.map(({ number }) => String(number).length));
    const bar = style("blue", "|");
    for (const { number, text } of excerpt.lines) {
      lines.push(` ${style("blue", String(number).padStart(gutter + 2))} ${bar} ${text}`);
      if (number !== excerpt.line) continue;
      const caret = `${" ".repeat(excerpt.column - 1)}${"^".repeat(excerpt.length)}`;
      lines.push(
        ` ${" ".repeat(gutter + 2)} ${bar} ${style(colour, `${caret} ${excerpt.note ?? ""}`.trimEnd())}`,
      );
    }
  }
  if (help) lines.push(`  ${style("cyan", "help:")} ${help}`);
  return `${lines.join("\n")}\n`;
}

/** The message begins with a field of its own (`spec.containers[0]: unknown field "imagee"`). */
function namesField(message: string): boolean {
  return /^[a-zA-Z]+[a-zA-Z.[\]0-9]*: /.test(message);
}
