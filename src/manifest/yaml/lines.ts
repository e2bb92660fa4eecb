/** A line that is YAML's own: not part of a block scalar. */
export interface StructuralLine {
  /** Offset of its first character. */
  start: number;
  text: string;
}

/** Characters that look like a space, or like nothing, and are neither to YAML. */
export const INVISIBLE = "\\u00a0\\u2000-\\u200b\\u202f\\u205f\\u2060\\u3000\\ufeff";

const INDENT = new RegExp(`^[\\s${INVISIBLE}]*`);
const BLOCK = /(?:^|[\s:])[|>][-+0-9]*\s*(?:#.*)?$/;

/** The lines of a document without the texts of its block scalars, in which everything may stand. */
export function* structuralLines(text: string): Generator<StructuralLine> {
  let block: number | undefined;
  let start = 0;
  for (const line of text.split("\n")) {
    const indent = INDENT.exec(line)?.[0].length ?? 0;
    const blank = indent === line.length;
    if (block === undefined || (!blank && indent <= block)) {
      block = undefined;
      if (!blank) yield { start, text: line };
      if (BLOCK.test(line) && !line.trimStart().startsWith("#")) block = indent;
    }
    start += line.length + 1;
  }
}

/** The line with every quoted text and comment blanked, character by character. */
export const unquoted = (line: string): string =>
  line
    .replace(/(^|[\s[{,:(])("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')/g, (all, before: string) =>
      before.padEnd(all.length, "\u0001"),
    )
    .replace(/(^|\s)#.*$/, (all) => " ".repeat(all.length));
