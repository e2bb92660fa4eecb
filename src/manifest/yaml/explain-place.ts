import { explainIndent } from "./explain-indent.ts";
import { type Explained, explained, indentOf, type ParseFailure } from "./explained.ts";
import { findIndentFault } from "./outline.ts";
import type { SourceText } from "./source-text.ts";
import { tabRepairs } from "./tabs.ts";

export function tab(source: SourceText, { base, end, code, at }: ParseFailure): Explained | undefined {
  const { line } = source.at(at);
  const text = source.line(line);
  const column = text.search(/\t/) + 1;
  if (code !== "TAB_AS_INDENT" && !/^ *\t/.test(text)) return undefined;
  const start = source.offsetOf(line, Math.max(column, 1));
  const tabs = /^\t+/.exec(source.text.slice(start))?.[0].length ?? 1;
  const help = "use spaces: YAML allows no tab in the indentation (in vi: :set expandtab, then :retab)";
  const repairs = tabRepairs(source.text.slice(base, end), base);
  const more = repairs.length < 2 ? "" : ` (and in ${repairs.length - 1} more lines)`;
  const span = { start, end: start + tabs };
  return { ...explained("TS1102", span, `a tab is used as indentation${more}`, help), repairs };
}

/** `key: |`: how deep it stands, and its name. */
const BLOCK_KEY = /^( *)(?:- +)*([\w./-]+):\s+[|>][-+0-9]*\s*$/;

/** `key: |` whose text does not stand deeper than the key. */
export function unindentedText(source: SourceText, { at }: ParseFailure): Explained | undefined {
  for (let { line } = source.at(at), back = 0; line > 1 && back < 3; line--, back++) {
    const above = source.line(line - 1);
    const key = BLOCK_KEY.exec(above);
    const text = source.line(line);
    if (key === null || text.trim() === "" || indentOf(text) > (key[1] as string).length) continue;
    const start = source.offsetOf(line, indentOf(text) + 1);
    const message = `the text of "${key[2]}" must stand deeper than its key (YAML)`;
    const help = `indent every line of the text by ${(key[1] as string).length + 2} spaces`;
    return explained("TS1103", { start, end: start + text.trim().length }, message, help);
  }
  return undefined;
}

/** A line of a block scalar that is less deep than its first line, and deeper than its key. */
export function shallowText(source: SourceText, { base, at, code }: ParseFailure): Explained | undefined {
  if (code !== "BAD_INDENT") return undefined;
  const { line } = source.at(at);
  const indent = indentOf(source.line(line));
  let deepest = Number.POSITIVE_INFINITY;
  for (let number = line - 1; number >= source.at(base).line; number--) {
    const text = source.line(number);
    if (text.trim() === "") continue;
    const key = BLOCK_KEY.exec(text);
    if (key === null) deepest = Math.min(deepest, indentOf(text));
    else if ((key[1] as string).length < indent && indent < deepest) {
      const start = source.offsetOf(line, indent + 1);
      const span = { start, end: source.offsetOf(line, source.line(line).trimEnd().length + 1) };
      const message = `the text of "${key[2]}" begins at column ${deepest + 1}, and this line of it before that (YAML)`;
      return explained("TS1103", span, message, `indent the line by ${deepest} spaces`, {
        start,
        end: start,
        text: " ".repeat(deepest - indent),
      });
    } else return undefined;
  }
  return undefined;
}

export function indentation(source: SourceText, { base, end, at }: ParseFailure): Explained | undefined {
  const first = source.at(base).line;
  const last = source.at(Math.max(base, end - 1)).line;
  const lines = [];
  for (let number = first; number <= last; number++) lines.push({ number, text: source.line(number) });
  const found = findIndentFault(lines);
  if (found === undefined || found.line > source.at(at).line + 1) return undefined;
  return explainIndent(source, lines, found);
}
