import { type Explained, explained, indentOf, type ParseFailure } from "./explained.ts";
import type { SourceText } from "./source-text.ts";

/** The rest of a line from an offset on, without a comment; inside brackets it ends with the value. */
function valueAt(source: SourceText, at: number): string {
  const { line, column } = source.at(at);
  const text = source.line(line);
  const rest = text
    .slice(column - 1)
    .replace(/\s+#.*$/, "")
    .trimEnd();
  const opened = text.slice(0, column - 1).replace(/"[^"]*"|'[^']*'|[[{][^[\]{}]*[\]}]/g, "");
  return /[[{]/.test(opened) ? (/^[^,\]}]*/.exec(rest)?.[0] ?? rest).trimEnd() || rest.slice(0, 1) : rest;
}

/** A text in quotes that YAML reads as it is written. */
const inQuotes = (text: string): string =>
  text.includes("\\") || text.includes('"') ? `'${text.replaceAll("'", "''")}'` : `"${text}"`;

/** Characters that mean something to YAML at the beginning of a value. */
export function scalarStart(source: SourceText, { code, at, text }: ParseFailure): Explained | undefined {
  const empty = /^(Alias|Anchor) cannot be an empty string/.test(text);
  const closing =
    code === "UNEXPECTED_TOKEN" && /[:\-,[{]\s*$/.test(source.text.slice(0, at).split("\n").at(-1) ?? "");
  if (code !== "BAD_SCALAR_START" && !empty && !(closing && /[\]}]/.test(source.text[at] ?? "")))
    return undefined;
  // For what is empty the parser names the place behind it.
  return valueCannotStart(source, empty && /[*&]/.test(source.text[at - 1] ?? "") ? at - 1 : at);
}

function valueCannotStart(source: SourceText, start: number): Explained {
  const value = valueAt(source, start);
  return explained(
    "TS1101",
    { start, end: start + 1 },
    `a value cannot start with ${source.text[start]} (YAML)`,
    `quote it: ${inQuotes(value)}`,
    { start, end: start + value.length, text: inQuotes(value) },
  );
}

/** `image: nginx:` and `image: nginx: latest`: to YAML a map begins there. */
export function nestedColon(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
  if (code !== "BLOCK_AS_IMPLICIT_KEY") return undefined;
  const { line, column } = source.at(at);
  const value = valueAt(source, at);
  const key = /([\w./-]+):\s*$/.exec(source.line(line).slice(0, column - 1))?.[1];
  const split = /^(\S+?):(?:\s+(\S+))?$/.exec(value);
  if (!/^[^"'#[{].*:(\s|$)/.test(value)) return undefined;
  const repair = { start: at, end: at + value.length, text: inQuotes(value), doubtful: true as const };
  const span = { start: at, end: at + value.length };
  if (key === "image" && split !== null) {
    const [, name, tag] = split;
    const help =
      tag === undefined ? `write the tag, or none: ${name}:latest or ${name}` : `write ${name}:${tag}`;
    return explained("TS1101", span, 'the tag is missing after the ":" of the image\'s name', help, repair);
  }
  if (value.endsWith(":") && !/:\s/.test(value)) {
    const help = `quote the value to keep the colon: ${inQuotes(value)}; for fields below "${value}", begin them on a new line`;
    return explained("TS1101", span, 'a ":" at the end of a value would begin a map (YAML)', help, repair);
  }
  return explained(
    "TS1101",
    span,
    'a second ": " on one line would begin a map inside the value (YAML)',
    `quote the value: ${inQuotes(value)}`,
    repair,
  );
}

export function badEscape(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
  if (code !== "BAD_DQ_ESCAPE") return undefined;
  const sequence = source.text.slice(at, at + 2);
  const help = "use single quotes, or double the backslash";
  return explained(
    "TS1101",
    { start: at, end: at + 2 },
    `${sequence} is no escape of a double-quoted text (YAML)`,
    help,
    { start: at, end: at, text: "\\" },
  );
}

/** `key: | text`: what follows the sign stands on the lines below. */
export function blockHeader(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
  const { line, column } = source.at(at);
  const text = source.line(line);
  const before = /^(.*(?:^|[\s:])([|>])[-+0-9]*\s*)$/.exec(text.slice(0, column - 1));
  if (code !== "UNEXPECTED_TOKEN" || before === null) return undefined;
  const start = source.offsetOf(line, before[0].search(/[|>][-+0-9]*\s*$/) + 1);
  const end = at + text.slice(column - 1).trimEnd().length;
  if (!/\s$/.test(before[0])) return valueCannotStart(source, start);
  const value = source.text.slice(at, end);
  return explained(
    "TS1101",
    { start: at, end },
    `the text after ${before[2]} begins on the next line (YAML)`,
    `write it below, indented deeper, or in quotes: ${inQuotes(value)}`,
    { start, end, text: inQuotes(value) },
  );
}

/** `env: - name: A`: a list's first item on its key's line. */
export function dashValue(source: SourceText, { at }: ParseFailure): Explained | undefined {
  const { line } = source.at(at);
  for (const number of [line, line - 1]) {
    const match = /^(\s*(?:- +)*)([\w./-]+):\s+(- +)(\S.*)$/.exec(source.line(number));
    if (match === null) continue;
    const [all, , key = "", sign = "", item = ""] = match;
    const start = source.offsetOf(number, all.length - item.length - sign.length + 1);
    return explained(
      "TS1101",
      { start, end: start + sign.length + item.length },
      `the list of "${key}" cannot begin on the line of its key (YAML)`,
      `write - ${item} on the next line, below "${key}"; a text that begins with a dash is quoted: "- ${item}"`,
      // Lines below it that stand deeper belong to the item.
      indentOf(source.line(number + 1)) > indentOf(all)
        ? undefined
        : { start, end: start + sign.length + item.length, text: '""', doubtful: true },
    );
  }
  return undefined;
}

/** Something behind a value that has ended. */
export function leftover(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
  if (code !== "UNEXPECTED_TOKEN") return undefined;
  const { line, column } = source.at(at);
  const text = source.line(line);
  const span = { start: at, end: at + Math.max(1, text.trimEnd().length - column + 1) };
  const message = "this follows a value that is complete already (YAML)";
  const before = text.slice(0, column - 1);
  const quoted = /(?:^|[\s:])((["']).*\2)\s*$/.exec(before)?.[1];
  if (quoted === undefined)
    return explained(
      "TS1101",
      span,
      message,
      "check the indentation: should it be inside what stands above?",
    );
  const start = source.offsetOf(line, before.lastIndexOf(quoted) + 1);
  const whole = text.slice(before.lastIndexOf(quoted)).trimEnd();
  const quote = quoted.charAt(0);
  const inner = whole.slice(1, whole.endsWith(quote) && whole.length > quoted.length ? -1 : undefined);
  const other = quote === '"' ? "'" : '"';
  const nested = whole.length > quoted.length && whole.endsWith(quote);
  return explained(
    "TS1101",
    span,
    message,
    nested && !inner.includes(other)
      ? `the ${quote} inside ends the text: write ${other}${inner}${other}`
      : "put the quotes around the whole value",
    { start, end: span.end, text: inQuotes(inner.replaceAll(/["']/g, "")), doubtful: true },
  );
}
