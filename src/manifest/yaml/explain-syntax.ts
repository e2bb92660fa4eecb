import { indentation, shallowText, tab, unindentedText } from "./explain-place.ts";
import { colon, comma, dash, quoteOrBracket } from "./explain-punctuation.ts";
import { badEscape, blockHeader, dashValue, leftover, nestedColon, scalarStart } from "./explain-value.ts";
import { type Explained, explained, type ParseFailure } from "./explained.ts";
import type { SourceText } from "./source-text.ts";

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
