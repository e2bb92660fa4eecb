import type { Fault } from "../fault.ts";
import { fieldsOf } from "../schema.ts";
import type { Repair } from "./draft.ts";
import type { Explained } from "./explained.ts";
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
  const target = elsewhere === undefined ? targetColumn(lines, found) : undefined;
  const fault = describe(source, found, elsewhere ?? onlyPlace(found, target) ?? whereTo(found));
  return target === undefined
    ? { fault }
    : { fault, repairs: moveBlock(source, lines, found, target), guess: true };
}

/** The column that is meant, when the line can hardly belong to another: by the fields that stand there. */
function targetColumn(lines: Line[], found: IndentFault): number | undefined {
  const { what, kind, column, levels } = found;
  const above = levels.at(-1) as Level;
  if (kind === "mixed") return undefined;
  if (kind === "deeper") return what === "line" && above.kind === "map" ? above.column : undefined;
  const open = typed(lines, levels);
  const last = open.at(-1);
  const inside = last?.kind === "map" && last.open ? fieldsOf(last.type).get(last.key)?.type : undefined;
  if (inside !== undefined)
    open.push({ ...last, kind: "list", column: above.column + 2, type: inside } as Typed);
  else if (above.kind === "map" && above.open) return undefined;
  const keys = keysOf(lines, found);
  const fitting = open.filter(
    ({ kind, type }) =>
      (what === "list item") === (kind === "list") && keys.every((key) => fieldsOf(type).has(key)),
  );
  const [place, ...others] = fitting;
  return others.length === 0 && keys.length > 0 && place?.column !== column ? place?.column : undefined;
}

/** The keys that begin at the line: its own, and for a list's item those below it. */
function keysOf(lines: Line[], { line, what, column }: IndentFault): string[] {
  const keys: string[] = [];
  let inner = column;
  for (const { number, text } of lines) {
    if (number < line || text.trim() === "") continue;
    const indent = text.search(/\S/) + 1;
    if (number === line && what === "list item")
      inner = column + (/^-\s*/.exec(text.slice(column - 1))?.[0].length ?? 0);
    else if (number > line && (what === "line" || indent < inner)) break;
    const key = /^[\w./-]+(?=\s*:(?:\s|$))/.exec(text.slice(inner - 1))?.[0];
    if (key !== undefined && (number === line || indent === inner)) keys.push(key);
  }
  return keys;
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

function describe(source: SourceText, found: IndentFault, help: string): Fault {
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
    help,
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

/** The column of the collection that the line belongs to by its fields. */
function onlyPlace({ what, levels }: IndentFault, target: number | undefined): string | undefined {
  const wanted = what === "list item" ? "list" : "map";
  const at = levels.findLastIndex(({ kind, column }) => kind === wanted && column === target);
  const level = levels[at];
  if (level === undefined) return undefined;
  const list = levels[at - 1]?.key;
  return wanted === "map"
    ? `start it at column ${target}, under "${level.key}"`
    : `start it at column ${target} to be the next item of ${list ? `"${list}"` : "the list"}`;
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

interface Typed extends Level {
  /** Of a map, or of a list's items. */
  type: string;
}

/** The maps and lists open above a line with their types; as far as their keys are fields. */
function typed(lines: Line[], levels: Level[]): Typed[] {
  const found: Typed[] = [];
  let type = lines.map(({ text }) => /^kind:\s*(\w+)/.exec(text)?.[1]).find((name) => name !== undefined);
  for (const level of levels) {
    if (type === undefined) break;
    found.push({ ...level, type });
    if (level.kind === "map") type = fieldsOf(type).get(level.key)?.type;
  }
  return found;
}

/** If the key above does not belong where it stands, that is the deeper fault: says where it belongs. */
function misplaced(lines: Line[], levels: Level[]): string | undefined {
  const owners = typed(lines, levels).filter(({ kind }) => kind === "map");
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
