import type { Fault } from "../fault.ts";
import { explainIndent } from "./explain-indent.ts";
import { findOpenToken } from "./open-tokens.ts";
import { findIndentFault } from "./outline.ts";
import type { SourceText } from "./source-text.ts";

/** What the YAML parser said: the document's stretch, its code and text, and the offset. */
export interface SyntaxError {
  base: number;
  end: number;
  code: string;
  at: number;
  text: string;
}

/**
 * One problem in a person's words for a document that does not parse; what follows from the first fault is left
 * out.
 */
export function explainSyntax(source: SourceText, error: SyntaxError): Fault {
  for (const explain of [
    template,
    conflict,
    tab,
    quoteOrBracket,
    colon,
    indentation,
    scalarStart,
    nestedColon,
    badEscape,
    comma,
    leftover,
  ]) {
    const fault = explain(source, error);
    if (fault !== undefined) return fault;
  }
  const message = `${error.text.replace(/ at line \d+.*$/s, "")} (YAML)`;
  return fault("TS1101", error.at, error.at + 1, lowerFirst(message), undefined);
}

const fault = (
  code: string,
  start: number,
  end: number,
  message: string,
  help: string | undefined,
): Fault => ({
  severity: "error",
  code,
  path: "",
  span: { start, end },
  message,
  before: true,
  ...(help === undefined ? {} : { help }),
});

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function template(source: SourceText, { base, end }: SyntaxError): Fault | undefined {
  const at = source.text.slice(base, end).search(/\{\{[-\s.]/);
  if (at < 0) return undefined;
  const help = "render it first, for example: helm template . | tspod run -";
  return fault("TS1101", base + at, base + at + 2, "this is a template ({{ … }}), not yet a manifest", help);
}

function conflict(source: SourceText, { base, end }: SyntaxError): Fault | undefined {
  const at = source.text.slice(base, end).search(/^(<{7}|={7}|>{7})(?=\s|$)/m);
  if (at < 0) return undefined;
  const start = base + at;
  const help = "keep one of the two versions and remove the lines of <<<<<<<, ======= and >>>>>>>";
  return fault("TS1101", start, start + 7, "a conflict of versions was not resolved here", help);
}

function tab(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  const { line } = source.at(at);
  const text = source.line(line);
  const column = text.search(/\t/) + 1;
  if (code !== "TAB_AS_INDENT" && !/^ *\t/.test(text)) return undefined;
  const start = source.offsetOf(line, Math.max(column, 1));
  const tabs = /^\t+/.exec(source.text.slice(start))?.[0].length ?? 1;
  const help = "use spaces: YAML allows no tab in the indentation (in vi: :set expandtab, then :retab)";
  return fault("TS1102", start, start + tabs, "a tab is used as indentation", help);
}

function quoteOrBracket(source: SourceText, error: SyntaxError): Fault | undefined {
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
  const { line } = source.at(open.at);
  const message = `${what} opened here is not closed (YAML)`;
  return fault("TS1105", open.at, open.at + 1, message, `add ${close} at the end of line ${line}`);
}

function colon(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  if (!["MULTILINE_IMPLICIT_KEY", "MISSING_CHAR", "BAD_INDENT", "UNEXPECTED_TOKEN"].includes(code))
    return undefined;
  const { line } = source.at(at);
  const match = /^(\s*(?:- +)*)([A-Za-z][\w./-]*)(:?)([ \t]*)([^\s#:].*)?$/.exec(source.line(line));
  if (match === null) return undefined;
  const [, lead = "", key = "", sign = "", space = "", value = ""] = match;
  const start = source.offsetOf(line, lead.length + 1);
  const nested = value === "" && indentOf(source.line(line + 1)) > indentOf(source.line(line));
  if (sign === ":" && space === "" && value !== "")
    return fault(
      "TS1104",
      start,
      start + key.length + 1,
      `a space is missing after "${key}:" (YAML)`,
      `write ${key}: ${value}`,
    );
  if (sign === "" && !/[:"'[{]/.test(value) && (value !== "" || nested))
    return fault(
      "TS1104",
      start,
      start + key.length,
      `a colon is missing after "${key}" (YAML)`,
      `write ${key}: ${value}`.trim(),
    );
  return undefined;
}

const indentOf = (line: string) => line.search(/\S|$/);

function comma(source: SourceText, { base, code, at }: SyntaxError): Fault | undefined {
  if (!["MULTILINE_IMPLICIT_KEY", "BLOCK_IN_FLOW", "MISSING_CHAR"].includes(code)) return undefined;
  if (findOpenToken(source.text.slice(0, at), base, at) === undefined) return undefined;
  const { line, column } = source.at(at);
  const text = source
    .line(line)
    .slice(0, code === "MISSING_CHAR" ? column - 1 : undefined)
    .trimEnd();
  const end = source.offsetOf(line, text.length + 1);
  const help = `write a comma after ${text.slice(text.search(/[^\s,{[]+$/))}, or a colon if it is a key`;
  return fault("TS1105", end - 1, end, "a comma or colon is missing here (YAML)", help);
}

function leftover(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  if (code !== "UNEXPECTED_TOKEN") return undefined;
  const { line, column } = source.at(at);
  const length = Math.max(1, source.line(line).length - column + 1);
  const quoted = /["']\s*$/.test(source.line(line).slice(0, column - 1));
  const help = quoted
    ? "put the quotes around the whole value"
    : "check the indentation: should it be inside what stands above?";
  return fault("TS1101", at, at + length, "this follows a value that is complete already (YAML)", help);
}

function indentation(source: SourceText, { base, end, at }: SyntaxError): Fault | undefined {
  const first = source.at(base).line;
  const last = source.at(Math.max(base, end - 1)).line;
  const lines = [];
  for (let number = first; number <= last; number++) lines.push({ number, text: source.line(number) });
  const found = findIndentFault(lines);
  if (found === undefined || found.line > source.at(at).line + 1) return undefined;
  return explainIndent(source, lines, found);
}

function scalarStart(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  if (code !== "BAD_SCALAR_START") return undefined;
  const character = source.text[at] as string;
  const value = source
    .line(source.at(at).line)
    .slice(source.at(at).column - 1)
    .replace(/\s+#.*$/, "");
  const help = `quote it: "${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
  return fault("TS1101", at, at + 1, `a value cannot start with ${character} (YAML)`, help);
}

function nestedColon(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  if (code !== "BLOCK_AS_IMPLICIT_KEY") return undefined;
  const { line, column } = source.at(at);
  const value = source
    .line(line)
    .slice(column - 1)
    .trimEnd();
  if (!/^[^"'#[{].*: /.test(value)) return undefined;
  const message = 'a second ": " on one line would begin a map inside the value (YAML)';
  return fault("TS1101", at, at + value.length, message, `quote the value: "${value}"`);
}

function badEscape(source: SourceText, { code, at }: SyntaxError): Fault | undefined {
  if (code !== "BAD_DQ_ESCAPE") return undefined;
  const sequence = source.text.slice(at, at + 2);
  const help = "use single quotes, or double the backslash";
  return fault("TS1101", at, at + 2, `${sequence} is no escape of a double-quoted text (YAML)`, help);
}
