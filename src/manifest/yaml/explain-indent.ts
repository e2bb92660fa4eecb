import type { Fault } from "../fault.ts";
import { fieldsOf } from "../schema.ts";
import type { IndentFault, Level } from "./outline.ts";
import type { SourceText } from "./source-text.ts";

interface Line {
  number: number;
  text: string;
}

/** What is wrong with a line's indentation, what stands above it, and where it may have been meant to be. */
export function explainIndent(source: SourceText, lines: Line[], found: IndentFault): Fault {
  const { line, column, what, levels } = found;
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
    help: misplaced(lines, levels) ?? whereTo(found),
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

/** If the key above does not belong where it stands, that is the deeper fault: says where it belongs. */
function misplaced(lines: Line[], levels: Level[]): string | undefined {
  const kind = lines.map(({ text }) => /^kind:\s*(\w+)/.exec(text)?.[1]).find((name) => name !== undefined);
  let type = kind === "Pod" ? "Pod" : undefined;
  const owners: { type: string; column: number; key: string }[] = [];
  for (const { kind, key, column } of levels) {
    if (kind === "list") continue;
    if (type === undefined) return undefined;
    const field = fieldsOf(type).get(key);
    if (field === undefined) {
      const owner = owners.findLast((other) => fieldsOf(other.type).has(key));
      if (owner === undefined) return undefined;
      const parent = owners[owners.indexOf(owner) - 1]?.key ?? "the top";
      const spaces = `${owner.column - 1} space${owner.column === 2 ? "" : "s"}`;
      return `"${key}" belongs to ${parent} (${spaces}), next to "${owner.key}", not inside ${article(type)}`;
    }
    owners.push({ type, column, key });
    type = field.type;
  }
  return undefined;
}

const article = (type: string) => {
  const word = type.charAt(0).toLowerCase() + type.slice(1);
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`;
};
