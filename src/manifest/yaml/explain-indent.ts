import type { Fault } from "../fault.ts";
import { fieldsOf } from "../schema.ts";
import type { Repair } from "./draft.ts";
import type { Explained } from "./explain-syntax.ts";
import type { IndentFault, Level } from "./outline.ts";
import type { SourceText } from "./source-text.ts";

interface Line {
  number: number;
  text: string;
}

/**
 * What is wrong with a line's indentation, what stands above it, and where it may have been meant to be. If that is
 * one place, the line and those that stand under it are moved there.
 */
export function explainIndent(source: SourceText, lines: Line[], found: IndentFault): Explained {
  const elsewhere = misplaced(lines, found.levels);
  const fault = describe(source, found, elsewhere);
  const target = elsewhere === undefined ? targetColumn(lines, found) : undefined;
  return target === undefined
    ? { fault }
    : { fault, repairs: moveBlock(source, lines, found, target), guess: true };
}

/** The column that is meant, when the line can hardly belong to another. */
function targetColumn(lines: Line[], { line, what, kind, column, levels }: IndentFault): number | undefined {
  const above = levels.at(-1) as Level;
  if (kind === "mixed") return undefined;
  if (kind === "deeper") return what === "line" && above.kind === "map" ? above.column : undefined;
  if (what === "list item" || (above.kind === "map" && above.open)) return undefined;
  const text = lines.find(({ number }) => number === line)?.text ?? "";
  const key = /^[\w./-]+(?=\s*:)/.exec(text.slice(column - 1))?.[0] ?? "";
  const [place, ...others] = typed(lines, levels).filter(({ type }) => fieldsOf(type).has(key));
  return others.length === 0 ? place?.column : undefined;
}

/** Moves a line, and those below it that do not stand to the left of it, sideways. */
function moveBlock(
  source: SourceText,
  lines: Line[],
  { line, column }: IndentFault,
  target: number,
): Repair[] {
  const block: Repair[] = [];
  for (const { number, text } of lines) {
    if (number < line || text.trim() === "") continue;
    const indent = text.search(/\S/);
    if (number > line && indent + 1 < column) break;
    const start = source.offsetOf(number, 1);
    block.push({ start, end: start + indent, text: " ".repeat(indent + target - column) });
  }
  return block;
}

function describe(source: SourceText, found: IndentFault, elsewhere: string | undefined): Fault {
  const { line, column, what } = found;
  const start = source.offsetOf(line, column);
  const text = source.line(line).slice(column - 1);
  const length = what === "list item" ? 1 : Math.max(1, text.search(/:|$/));
  return {
    severity: "error",
    code: "TS1103",
    path: "",
    span: { start, end: start + length },
    message: "bad indentation of a mapping entry (YAML)",
    note: reason(found),
    help: elsewhere ?? whereTo(found),
    before: true,
  };
}

function reason({ column, what, kind, levels }: IndentFault): string {
  const above = levels.at(-1) as Level;
  const name = above.kind === "map" ? `"${above.key}:"` : "the list";
  const is = `this ${what} is indented ${column - 1} space${column === 2 ? "" : "s"}`;
  if (kind === "between") return `${is}; ${name} above starts at column ${above.column}`;
  if (above.endedList === true && kind === "mixed")
    return `${is}; ${name} in line ${above.line} has ended the list`;
  return kind === "deeper" || what === "list item"
    ? `${is}; ${name} above has its value already`
    : `${is}, where list items stand`;
}

/** The columns at which the line would fit. */
function whereTo({ what, kind, column, levels }: IndentFault): string {
  const above = levels.at(-1) as Level;
  if (kind === "mixed" && above.endedList === true)
    return `start "${above.key}" at column ${above.column + 2} if it belongs to the item above it`;
  if (kind === "deeper") return `start it at column ${above.column}, under "${above.key}"`;
  if (above.kind === "map" && above.open)
    return `start it at column ${above.column + 2} to be inside "${above.key}"`;
  const fitting = levels.filter(({ kind }) => (what === "list item") === (kind === "list"));
  const inner = fitting.find((level) => level.column > column);
  const outer = fitting.findLast((level) => level.column < column);
  const places = [inner, outer].flatMap((level) =>
    level === undefined ? [] : [`column ${level.column}${beside(level)}`],
  );
  return places.length === 0
    ? "align it with the lines it belongs to"
    : `start it at ${places.join(", or at ")}`;
}

const beside = ({ kind, key }: Level) =>
  kind === "map" ? ` to stand under "${key}"` : " to be the next item of the list";

/** The maps open above a line with their types; as far as their keys are fields. */
function typed(lines: Line[], levels: Level[]): { type: string; column: number; key: string }[] {
  const maps = levels.filter(({ kind }) => kind === "map");
  const found: { type: string; column: number; key: string }[] = [];
  let type = lines.map(({ text }) => /^kind:\s*(\w+)/.exec(text)?.[1]).find((name) => name !== undefined);
  for (const { key, column } of maps) {
    if (type === undefined) break;
    found.push({ type, column, key });
    type = fieldsOf(type).get(key)?.type;
  }
  return found;
}

/** If the key above does not belong where it stands, that is the deeper fault: says where it belongs. */
function misplaced(lines: Line[], levels: Level[]): string | undefined {
  const owners = typed(lines, levels);
  const wrong = owners.findIndex(({ type, key }) => !fieldsOf(type).has(key));
  const { type, key } = owners[wrong] ?? { type: "", key: "" };
  // A type without fields is none of the API's.
  if (wrong < 0 || fieldsOf(type).has("")) return undefined;
  const at = owners.slice(0, wrong).findLastIndex((other) => fieldsOf(other.type).has(key));
  const owner = owners[at];
  if (owner === undefined) return undefined;
  const parent = owners[at - 1]?.key ?? "the top";
  const spaces = `${owner.column - 1} space${owner.column === 2 ? "" : "s"}`;
  return `"${key}" belongs to ${parent} (${spaces}), next to "${owner.key}", not inside ${article(type)}`;
}

const article = (type: string) => {
  const word = type.charAt(0).toLowerCase() + type.slice(1);
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`;
};
