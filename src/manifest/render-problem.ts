import type { Excerpt, Problem } from "./problem.ts";

export type ProblemStyle = "error" | "warning" | "place" | "gutter" | "caret" | "help";

export interface RenderOptions {
  /** Wraps a text in colour; plain text without it. */
  style?: (style: ProblemStyle, text: string) => string;
  /** Makes the sentence stand out, where the whole is coloured. */
  emphasis?: (text: string) => string;
  /** Columns of the terminal; longer source lines are cut around the caret. */
  width?: number;
}

/** Warnings about what a field does here: there is nothing to repair in the line they stand in, so it is not shown. */
const ONE_LINE = new Set(["TS2007", "TS2008", "TS2010"]);

/**
 * A problem as text: severity, code and fact; file, line and column; the source with a caret; the way out. What is
 * only noted of a field is one line.
 */
export function renderProblem(
  problem: Problem,
  { style = (_, text) => text, emphasis = (text) => text, width = 100 }: RenderOptions = {},
): string {
  const { severity, code, position, path, excerpt } = problem;
  const names = problem.message.startsWith(`${path}: `) || namesField(problem.message);
  const where = path === "" || names ? "" : `${path}: `;
  const message = emphasis(`: ${printable(`${where}${problem.message}`)}`);
  const help = problem.help === undefined ? undefined : printable(problem.help);
  const place = style("place", `${position.file}:${position.line}:${position.column}`);
  const title = style(severity, `${severity}[${code}]`);
  if (severity === "warning" && ONE_LINE.has(code)) return `${title}${message} (${place})`;
  const lines = [`${title}${message}`, `  ${style("gutter", "-->")} ${place}`];
  if (excerpt !== undefined) lines.push(...renderExcerpt(excerpt, { style, width, severity }));
  if (help !== undefined) lines.push(`  ${style("help", "help:")} ${help}`);
  return lines.join("\n");
}

/** The message begins with a field of its own (`spec.containers[0]: unknown field "imagee"`). */
const namesField = (message: string) => /^[a-zA-Z]+[a-zA-Z.[\]0-9]*: /.test(message);

/** All problems, in their order, an empty line between them, and their number at the end. */
export function renderProblems(problems: Problem[], options: RenderOptions = {}): string {
  return [...problems.map((problem) => renderProblem(problem, options)), countProblems(problems)].join(
    "\n\n",
  );
}

/** `3 errors, 1 warning` */
export function countProblems(problems: Problem[]): string {
  const count = (severity: Problem["severity"]) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return number === 0 ? [] : [`${number} ${severity}${number === 1 ? "" : "s"}`];
  };
  return [...count("error"), ...count("warning")].join(", ") || "no problems";
}

/** A problem as a row of `-o json`. */
export interface ProblemRow {
  severity: string;
  code: string;
  file: string;
  line: number;
  col: number;
  path: string;
  object?: string;
  message: string;
  value?: unknown;
  help?: string;
}

/** A problem without its excerpt, in values that JSON has. */
export function problemRow({
  severity,
  code,
  position,
  path,
  object,
  message,
  value,
  help,
  excerpt,
}: Problem): ProblemRow {
  const advice = [excerpt?.note, help].filter((text) => text !== undefined).join("; ");
  return {
    severity,
    code,
    file: position.file,
    line: position.line,
    col: position.column,
    path,
    ...(object === undefined ? {} : { object }),
    message,
    ...(value === undefined ? {} : { value: typeof value === "bigint" ? String(value) : value }),
    ...(advice === "" ? {} : { help: advice }),
  };
}

interface ExcerptOptions extends Required<Pick<RenderOptions, "style" | "width">> {
  severity: Problem["severity"];
}

function renderExcerpt(excerpt: Excerpt, { style, width, severity }: ExcerptOptions): string[] {
  const { lines, line, column, length, note } = excerpt;
  const digits = Math.max(4, String(line).length + 1);
  const gutter = (number: string) => style("gutter", `${number.padStart(digits)} |`);
  const room = Math.max(20, width - digits - 3);
  const end = column - 1 + length;
  const shift = end <= room ? 0 : Math.max(0, Math.min(column - 1 - Math.floor(room / 4), end - room + 1));
  const rows: string[] = [];
  for (const { number, text } of lines) {
    rows.push(`${gutter(String(number))} ${cut(text, shift, room)}`.trimEnd());
    if (number !== line) continue;
    // The characters before the caret are blanked one by one, so that wide ones (漢字) keep it in its place.
    const lead = blank(cut(text, shift, room).slice(0, column - 1 - shift));
    const marked = text.slice(column - 1, end);
    const carets = "^".repeat(Math.max(1, Math.min(displayWidth(marked) || length, room)));
    const tail = note === undefined ? "" : ` ${printable(note)}`;
    rows.push(`${gutter("")} ${lead}${style("caret", carets)}${tail === "" ? "" : style(severity, tail)}`);
  }
  return rows;
}

/** Control characters of a manifest must not reach the terminal: they could move the cursor or hide text. */
const printable = (text: string) => text.replace(/\p{Cc}/gu, " ");

/** A window into a long line, with dots where it is cut. */
function cut(text: string, shift: number, room: number): string {
  const safe = printable(text);
  const window = safe.slice(shift, shift + room);
  const head = shift > 0 ? `…${window.slice(1)}` : window;
  return safe.length > shift + room ? `${head.slice(0, -1)}…` : head;
}

/** East Asian wide and full-width characters, and most emoji, take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1faff}]|[\u{20000}-\u{3fffd}]/u;

const blank = (text: string) => Array.from(text, (character) => (WIDE.test(character) ? "  " : " ")).join("");

const displayWidth = (text: string) =>
  Array.from(text, (character) => (WIDE.test(character) ? 2 : 1)).reduce<number>((sum, n) => sum + n, 0);
