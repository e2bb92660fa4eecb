import type { Fault } from "../fault.ts";
import type { Repair } from "./draft.ts";
import { explainIndent } from "./explain-indent.ts";
import { badEscape, blockHeader, dashValue, leftover, nestedColon, scalarStart } from "./explain-value.ts";
import { findOpenToken } from "./open-tokens.ts";
import { findIndentFault } from "./outline.ts";
import type { SourceText } from "./source-text.ts";
import { tabRepairs } from "./tabs.ts";

/** What the YAML parser said: the document's stretch, its code and text, and the offset. */
export interface ParseFailure {
  base: number;
  end: number;
  code: string;
  at: number;
  text: string;
}

/** A problem, and what to put there so that the rest can be read; without that, the document is left here. */
export interface Explained {
  fault: Fault;
  repairs?: Repair[];
  /** Where things stand was guessed: what seems to be missing may have been meant to be there. */
  guess?: true;
}

/**
 * One problem in a person's words for a document that does not parse; what follows from the first fault is left
 * out.
 */
export function explainSyntax(source: SourceText, error: ParseFailure): Explained {
  for (const explain of [
    page,
    conflict,
    tab,
    separator,
    dashValue,
    quoteOrBracket,
    unindentedText,
    shallowText,
    dash,
    colon,
    blockHeader,
    indentation,
    scalarStart,
    nestedColon,
    badEscape,
    comma,
    leftover,
  ]) {
    const explained = explain(source, error);
    if (explained !== undefined) return explained;
  }
  const message = `${error.text.replace(/ at line \d+.*$/s, "")} (YAML)`;
  return explained("TS1101", { start: error.at, end: error.at + 1 }, lowerFirst(message), undefined);
}

/** A problem of the YAML itself, with its way out and, where that is certain enough, the repair. */
export function explained(
  code: string,
  span: { start: number; end: number },
  message: string,
  help: string | undefined,
  repair?: Repair,
): Explained {
  const fault: Fault = { severity: "error", code, path: "", span, message, before: true };
  if (help !== undefined) fault.help = help;
  return repair === undefined ? { fault } : { fault, repairs: [repair] };
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1);

function page(source: SourceText, { base, end }: ParseFailure): Explained | undefined {
  const found = /^((?:\s*#.*\n)*\s*)<(?:!doctype|html|\?xml)[^>]*>?/i.exec(source.text.slice(base, end));
  if (found === null) return undefined;
  const start = base + (found[1] as string).length;
  const help = "fetch the file itself: sites that show code have a link or button named Raw";
  return explained(
    "TS1101",
    { start, end: base + found[0].length },
    "this is a web page, not a manifest",
    help,
  );
}

function conflict(source: SourceText, { base, end }: ParseFailure): Explained | undefined {
  const at = source.text.slice(base, end).search(/^(<{7}|={7}|>{7})(?=\s|$)/m);
  if (at < 0) return undefined;
  const start = base + at;
  const help = "keep one of the two versions and remove the lines of <<<<<<<, ======= and >>>>>>>";
  return explained("TS1101", { start, end: start + 7 }, "a conflict of versions was not resolved here", help);
}

function tab(source: SourceText, { base, end, code, at }: ParseFailure): Explained | undefined {
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

function separator(source: SourceText, { at, end: limit }: ParseFailure): Explained | undefined {
  const { line } = source.at(at);
  for (const number of [line, line + 1]) {
    if (source.offsetOf(number, 1) >= limit) break;
    const match = /^( +)---\s*$|^()([-–—]{1,2}|[–—]+|={3,})\s*$/.exec(source.line(number));
    if (match === null || (match[0].trim() === "---" && match[1] === undefined)) continue;
    const start = source.offsetOf(number, (match[1] ?? "").length + 1);
    const end = source.offsetOf(number, source.line(number).trimEnd().length + 1);
    const help = "write three dashes at the beginning of the line, and nothing else: ---";
    return explained("TS1101", { start, end }, "this line is not what separates documents (YAML)", help);
  }
  return undefined;
}

function quoteOrBracket(source: SourceText, error: ParseFailure): Explained | undefined {
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

/** `key: |` whose text does not stand deeper than the key. */
function unindentedText(source: SourceText, { at }: ParseFailure): Explained | undefined {
  for (let { line } = source.at(at), back = 0; line > 1 && back < 3; line--, back++) {
    const above = source.line(line - 1);
    const key = /^( *)(?:- +)*([\w./-]+):\s+[|>][-+0-9]*\s*$/.exec(above);
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
function shallowText(source: SourceText, { base, at, code }: ParseFailure): Explained | undefined {
  if (code !== "BAD_INDENT") return undefined;
  const { line } = source.at(at);
  const indent = indentOf(source.line(line));
  let deepest = Number.POSITIVE_INFINITY;
  for (let number = line - 1; number >= source.at(base).line; number--) {
    const text = source.line(number);
    if (text.trim() === "") continue;
    const key = /^( *)(?:- +)*([\w./-]+):\s+[|>][-+0-9]*\s*$/.exec(text);
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

/** `-name: web` under a list: YAML reads the dash as a part of the key. */
function dash(source: SourceText, { at }: ParseFailure): Explained | undefined {
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

function colon(source: SourceText, { code, at }: ParseFailure): Explained | undefined {
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

const indentOf = (line: string) => line.search(/\S|$/);

function comma(source: SourceText, { base, code, at }: ParseFailure): Explained | undefined {
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

function indentation(source: SourceText, { base, end, at }: ParseFailure): Explained | undefined {
  const first = source.at(base).line;
  const last = source.at(Math.max(base, end - 1)).line;
  const lines = [];
  for (let number = first; number <= last; number++) lines.push({ number, text: source.line(number) });
  const found = findIndentFault(lines);
  if (found === undefined || found.line > source.at(at).line + 1) return undefined;
  return explainIndent(source, lines, found);
}
