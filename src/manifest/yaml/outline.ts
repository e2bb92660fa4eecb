/** A column at which entries of one block collection stand. Columns start at 1. */
export interface Level {
  kind: "map" | "list";
  column: number;
  line: number;
  /** The last key of a map, and whether it still waits for its value on the lines below. */
  key: string;
  open: boolean;
  /** This key ended a list that stood at its column. */
  endedList?: boolean;
}

export interface IndentFault {
  line: number;
  column: number;
  what: "list item" | "line";
  /**
   * `between`: at none of the columns above; `deeper`: below a line that has its value already; `mixed`: list items
   * among keys.
   */
  kind: "between" | "deeper" | "mixed";
  /** The collections open above the line, outermost first. */
  levels: Level[];
}

const KEY = /^(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#[{&*!|>%@`,?][^:#]*?)\s*:(?=\s|$)/;

/**
 * Follows the indentation of a block-style text line by line and gives the first line that fits nowhere. Forgiving:
 * made for text that a YAML parser has refused already, to say in a person's words where and why.
 */
export function findIndentFault(lines: { number: number; text: string }[]): IndentFault | undefined {
  const levels: Level[] = [];
  let blockIndent: number | undefined;
  let depth = 0;
  for (const { number, text } of lines) {
    const indent = text.search(/[^ ]/);
    if (indent < 0 || /^\s*(#|$)/.test(text) || /^(---|\.\.\.)/.test(text)) continue;
    if (blockIndent !== undefined && indent > blockIndent) continue;
    blockIndent = undefined;
    if (depth > 0) {
      depth += flowDepth(text);
      continue;
    }
    let rest = text.slice(indent);
    let column = indent + 1;
    while (/^-(\s|$)/.test(rest)) {
      const fault = place(levels, { kind: "list", column, line: number, key: "", open: true });
      if (fault) return { line: number, column, what: "list item", kind: fault, levels };
      const dash = /^-\s*/.exec(rest) as RegExpExecArray;
      rest = rest.slice(dash[0].length);
      column += dash[0].length;
    }
    const key = KEY.exec(rest)?.[0];
    if (key === undefined) {
      const top = levels.at(-1);
      if (top) top.open = false;
      depth += Math.max(0, flowDepth(rest));
      continue;
    }
    const value = rest
      .slice(key.length)
      .replace(/(^|\s)#.*$/, "")
      .trim();
    const open = /^([&!]\S*)?$/.test(value);
    const name = key.slice(0, -1).trim();
    const fault = place(levels, { kind: "map", column, line: number, key: name, open });
    if (fault) return { line: number, column, what: "line", kind: fault, levels };
    if (/^[|>]/.test(value)) blockIndent = column - 1;
    depth += Math.max(0, flowDepth(value));
  }
  return undefined;
}

/**
 * Enters a line's collection into the stack, or says why it fits nowhere. The stack is left as it was above the
 * line.
 */
function place(levels: Level[], next: Level): IndentFault["kind"] | undefined {
  let keep = levels.length;
  while (keep > 0 && (levels[keep - 1] as Level).column > next.column) keep--;
  const dropped = levels.length - keep;
  let top = levels[keep - 1];
  if (top?.column === next.column && top.kind === "list" && next.kind === "map") {
    // A list may stand at its key's own column; the next key at that column ends it.
    const under = levels[keep - 2];
    if (under?.column !== next.column) return "mixed";
    keep--;
    top = under;
    next.endedList = true;
  }
  if (top === undefined || top.column < next.column) {
    if (top !== undefined && !top.open) return dropped > 0 ? "between" : "deeper";
    if (dropped > 0) return "between";
    levels.length = keep;
    if (top) top.open = false;
    levels.push(next);
    return undefined;
  }
  if (top.kind === "map" && next.kind === "list") {
    if (!top.open) return "mixed";
    levels.length = keep;
    top.open = false;
    levels.push(next);
    return undefined;
  }
  levels.length = keep;
  levels[keep - 1] = next;
  return undefined;
}

/** How many brackets a line opens more than it closes, outside quotes. */
function flowDepth(text: string): number {
  const bare = text.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, "").replace(/(^|\s)#.*$/, "");
  if (!/^\s*[[{]/.test(bare) && !/[[{]/.test(bare)) return -(bare.match(/[\]}]/g)?.length ?? 0);
  return (bare.match(/[[{]/g)?.length ?? 0) - (bare.match(/[\]}]/g)?.length ?? 0);
}
