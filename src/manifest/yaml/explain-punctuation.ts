import type { Repair } from "./draft.ts";
import { type Explained, explained, indentOf, type ParseFailure } from "./explained.ts";
import { findOpenToken } from "./open-tokens.ts";
import type { SourceText } from "./source-text.ts";

export function quoteOrBracket(source: SourceText, error: ParseFailure): Explained | undefined {
  const quote = /closing ["']quote/.test(error.text);
  const bracket = /Flow (map|sequence)/.test(error.text);
  const text = source.text.slice(0, error.end);
  const open = findOpenToken(text, error.base, error.at);
  if (open === undefined) return undefined;
  const isQuote = open.character === '"' || open.character === "'";
  if (!isQuote && !bracket) return undefined;
  if (isQuote && !quote && error.at < open.at) return undefined;
  const close = { "[": "]", "{": "}" }[open.character] ?? open.character;
  const what = isQuote ? `the quote ${open.character}` : `the bracket ${open.character}`;
  const { line, column } = source.at(open.at);
  const rest = source.line(line).slice(column);
  const repair: Repair = { start: 0, end: 0, text: close, doubtful: true };
  repair.start = source.offsetOf(line, column + 1 + rest.replace(/\s+#.*$/, "").trimEnd().length);
  repair.end = repair.start;
  return explained(
    "TS1105",
    { start: open.at, end: open.at + 1 },
    `${what} opened here is not closed (YAML)`,
    `add ${close} at the end of line ${line}`,
    // Inside brackets the line's end need not be the value's.
    rest.includes(open.character) || /[[{]/.test(source.line(line).slice(0, column - 1)) ? undefined : repair,
  );
}

/** `-name: web` under a list: YAML reads the dash as a part of the key. */
export function dash(source: SourceText, { at }: ParseFailure): Explained | undefined {
  const { line } = source.at(at);
  for (const number of [line, line - 1]) {
    const match = /^(\s*)-([A-Za-z][\w./-]*:(?:\s|$).*)/.exec(source.line(number));
    if (match === null) continue;
    const [, lead = "", rest = ""] = match;
    const start = source.offsetOf(number, lead.length + 1);
    const message = "a space is missing after the dash (YAML)";
    const repair = { start: start + 1, end: start + 1, text: " " };
    return explained(
      "TS1104",
      { start, end: start + 1 },
      message,
      `write - ${rest.trimEnd()}`,
      number === line ? undefined : repair,
    );
  }
  return undefined;
}

export function colon(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
  if (!["MULTILINE_IMPLICIT_KEY", "MISSING_CHAR", "BAD_INDENT", "UNEXPECTED_TOKEN"].includes(code))
    return undefined;
  const { line } = source.at(at);
  const match = /^(\s*(?:- +)*)([A-Za-z][\w./-]*)(:?)([ \t]*)([^\s#:].*)?$/.exec(source.line(line));
  if (match === null) return undefined;
  const [, lead = "", key = "", sign = "", space = "", rest = ""] = match;
  const start = source.offsetOf(line, lead.length + 1);
  const after = start + key.length;
  const nested = rest === "" && indentOf(source.line(line + 1)) > indentOf(source.line(line));
  if (sign === ":" && space === "" && rest !== "")
    return explained(
      "TS1104",
      { start, end: after + 1 },
      `a space is missing after "${key}:" (YAML)`,
      `write ${key}: ${rest}`,
      { start: after + 1, end: after + 1, text: " " },
    );
  const equals = /^=\s*/.exec(rest)?.[0] ?? "";
  const value = rest.slice(equals.length);
  if (sign === "" && !/[:"'[{]/.test(value) && (value !== "" || nested))
    return explained(
      "TS1104",
      { start, end: after },
      `a colon is missing after "${key}" (YAML)`,
      `write ${key}: ${value}`.trim(),
      { start: after, end: after + space.length + equals.length, text: value === "" ? ":" : ": " },
    );
  return undefined;
}

export function comma(source: SourceText, { base, code, at }: ParseFailure): Explained | undefined {
  const second = code === "UNEXPECTED_TOKEN" && /["'\w]/.test(source.text[at] ?? "");
  if (!second && !["MULTILINE_IMPLICIT_KEY", "BLOCK_IN_FLOW", "MISSING_CHAR"].includes(code))
    return undefined;
  if (findOpenToken(source.text.slice(0, at), base, at) === undefined) return undefined;
  const { line } = source.at(at);
  const until = second || code === "MISSING_CHAR" ? at : source.offsetOf(line, source.line(line).length + 1);
  const text = source.text.slice(base, until).trimEnd();
  const end = base + text.length;
  const before = /"[^"\n]*"$|[^\s,{[]+$/.exec(text)?.[0] ?? text.slice(-1);
  const help = `write a comma after ${before}, or a colon if it is a key`;
  return explained("TS1105", { start: end - 1, end }, "a comma or colon is missing here (YAML)", help, {
    start: end,
    end,
    text: ",",
  });
}
