import type { Document } from "yaml";
import type { Fault } from "../fault.ts";
import type { Draft } from "./draft.ts";
import { explainSyntax } from "./explain-syntax.ts";
import { parseText } from "./parse-text.ts";
import { SourceText } from "./source-text.ts";

/** More slips than this in one document, and it is something else than a manifest. */
const MOST_REPAIRS = 50;

/** A part of a source text. */
export interface Stretch {
  base: number;
  end: number;
}

/** A document, or where a second JSON object follows the first without a separator, as an offset of the draft. */
export type Parsed = { document: Document.Parsed } | { joinedAt: number };

/**
 * Parses a draft; slips with one sure way out are reported and repaired in it, so that what follows is read as well.
 * Undefined when a slip has no such way: what hides behind it is told when it is repaired.
 */
export function parseDraft(
  source: SourceText,
  draft: Draft,
  { base, end }: Stretch,
  report: (fault: Fault) => void,
): Parsed | undefined {
  const repaired = new Set<number>();
  for (;;) {
    const document = parseText(draft.text);
    const [error] = document.errors;
    if (error === undefined) return { document };
    const [offset] = error.pos;
    if (joined(draft.text, error.code, offset)) return { joinedAt: offset };
    const current = repaired.size === 0 ? source : redrawn(source, draft, { base, end });
    const at = base + offset;
    // What the parser says of a line that was repaired follows from the repair.
    if (repaired.has(current.at(at).line)) return undefined;
    const {
      fault,
      repairs = [],
      guess,
    } = explainSyntax(current, {
      base,
      end: base + draft.text.length,
      code: error.code,
      at,
      text: error.message,
    });
    if (repaired.has(current.at(fault.span.start).line)) return undefined;
    const back = (offset: number) => base + draft.origin(offset - base);
    report({ ...fault, span: { start: back(fault.span.start), end: back(fault.span.end) } });
    if (repairs.length === 0 || repaired.size >= MOST_REPAIRS) return undefined;
    if (guess) draft.guessed = true;
    for (const { start } of repairs) repaired.add(current.at(start).line);
    for (const repair of repairs.toReversed())
      draft.repair({ ...repair, start: repair.start - base, end: repair.end - base });
  }
}

/** The whole source with the repaired document in its place. */
function redrawn(source: SourceText, draft: Draft, { base, end }: Stretch): SourceText {
  return new SourceText(source.name, source.text.slice(0, base) + draft.text + source.text.slice(end));
}

/** JSON objects one after another: kubectl reads them as documents. */
const joined = (text: string, code: string, at: number): boolean =>
  code === "UNEXPECTED_TOKEN" &&
  text[at] === "{" &&
  /^(?:\s*#.*\n)*\s*\{/.test(text) &&
  /\}\s*$/.test(text.slice(0, at));
