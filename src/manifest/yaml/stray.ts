import type { Fault } from "../fault.ts";
import type { Draft, Repair } from "./draft.ts";
import { INVISIBLE, structuralLines, unquoted } from "./lines.ts";

const ANY_INVISIBLE = new RegExp(`[${INVISIBLE}]`);
/** Those that have no width are taken away, the others become a space. */
const NO_WIDTH = /[\u200b\u2060\ufeff]/g;
const SOME_INVISIBLE = new RegExp(`[${INVISIBLE}]`, "g");
/** Where YAML needs ordinary spaces: before a line's text, after a dash and after a key's colon. */
const SPACES = new RegExp(
  `^[ ${INVISIBLE}]+|(?<=^[- ]*-)[ ${INVISIBLE}]+|(?<=[\\w"'\\])}]:)[ ${INVISIBLE}]+`,
  "g",
);

type Slip = Pick<Fault, "code" | "message" | "help"> & { repairs: Repair[] };

/**
 * Repairs what a copied text brings along, and what JSON with comments has: each kind is reported once, with how often
 * it occurs. Spans of the faults refer to the document's original text.
 */
export function repairStray(draft: Draft, report: (fault: Fault) => void): void {
  // Files that were joined have their byte order marks in the middle; YAML allows one before each document.
  const mark = /^(?:---)?[ \t\r\n]*\ufeff/.exec(draft.text);
  if (mark !== null) draft.repair({ start: mark[0].length - 1, end: mark[0].length, text: "" });
  for (const find of [invisible, fences, comments]) {
    const slip = find(draft.text);
    if (slip === undefined) continue;
    const { repairs, code, message, help } = slip;
    const [{ start, end }] = repairs as [Repair];
    const more = repairs.length === 1 ? "" : ` (and ${repairs.length - 1} more of these)`;
    report({
      severity: "error",
      code,
      path: "",
      span: { start: draft.origin(start), end: draft.origin(end) },
      message: message + more,
      ...(help === undefined ? {} : { help }),
    });
    for (const repair of repairs.toReversed()) draft.repair(repair);
  }
}

function invisible(text: string): Slip | undefined {
  if (!ANY_INVISIBLE.test(text)) return undefined;
  const repairs: Repair[] = [];
  for (const { start, text: line } of structuralLines(text))
    for (const { index, 0: run } of unquoted(line).matchAll(SPACES)) {
      const first = run.search(ANY_INVISIBLE);
      if (first < 0) continue;
      const good = run.slice(first).replace(NO_WIDTH, "").replace(SOME_INVISIBLE, " ");
      repairs.push({ start: start + index + first, end: start + index + run.length, text: good });
    }
  if (repairs.length === 0) return undefined;
  return {
    repairs,
    code: "TS1102",
    message: `${invisibleName(text[repairs[0]?.start as number] as string)} stands where YAML needs an ordinary space`,
    help: "type the spaces anew: text from a web page or a word processor brings such characters along",
  };
}

const NAMES: Readonly<Record<string, string>> = {
  "\u00a0": "a non-breaking space",
  "\u200b": "a zero-width space",
  "\u2060": "a word joiner",
  "\u3000": "an ideographic space",
  "\ufeff": "a byte order mark",
};

/** `a non-breaking space (U+00A0)` */
export function invisibleName(character: string): string {
  const number = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
  return `${NAMES[character] ?? "a special space"} (U+${number})`;
}

/** The lines that frame code in Markdown; at the first column they cannot be part of a block scalar. */
function fences(text: string): Slip | undefined {
  const repairs = [...text.matchAll(/^(?:```|~~~)\w*[ \t]*\r?$/gm)].map(({ index, 0: line }) => ({
    start: index,
    end: index + line.length,
    text: "",
  }));
  if (repairs.length === 0) return undefined;
  return {
    repairs,
    code: "TS1101",
    message: "this line frames code in Markdown and is not part of the manifest",
    help: "remove the line",
  };
}

/** Comments as other languages have them, in a document that is JSON. */
function comments(text: string): Slip | undefined {
  if (!/^(?:\s*#.*\n)*\s*[{[]/.test(text) || !/\/[/*]/.test(text)) return undefined;
  const repairs: Repair[] = [];
  for (const { index, 0: token } of text.matchAll(
    /"(?:[^"\\\n]|\\.)*"|^\s*#.*$|(?<=^|[\s,{}[\]])(?:\/\/.*|\/\*[\s\S]*?\*\/)/gm,
  ))
    if (token.startsWith("/"))
      repairs.push({ start: index, end: index + token.length, text: token.replace(/[^\n\r]/g, " ") });
  if (repairs.length === 0) return undefined;
  return {
    repairs,
    code: "TS1101",
    message: `${text.slice(repairs[0]?.start, (repairs[0]?.start ?? 0) + 2)} begins no comment: JSON has none, and in YAML they begin with #`,
    help: "remove the comment, or write # in front of it",
  };
}
