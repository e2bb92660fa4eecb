import type { Problem } from "../../manifest/index.ts";
import { type ProblemStyle, renderProblem as renderText } from "../../manifest/render-problem.ts";
import type { Colour, Style } from "./style.ts";

/** A manifest's problem with the lines it stands in and a caret under it; `width` in columns. */
export function renderProblem(problem: Problem, style: Style, width?: number): string {
  const severity = problem.severity === "error" ? "red" : "yellow";
  const colours: Partial<Record<ProblemStyle, Colour>> = {
    [problem.severity]: severity,
    caret: severity,
    gutter: "blue",
    help: "cyan",
  };
  const text = renderText(problem, {
    style: (part, words) => {
      const colour = colours[part];
      return colour === undefined ? words : style(colour, words);
    },
    emphasis: (sentence) => style("bold", sentence),
    ...(width === undefined ? {} : { width }),
  });
  return `${text}\n`;
}
