import type { Fault } from "../fault.ts";
import { structuralLines, unquoted } from "./lines.ts";
import type { Span } from "./source-text.ts";

/** A text in braces that a tool was to fill in. */
export interface Placeholder extends Span {
  text: string;
  helm: boolean;
}

/** Words that only Helm's templates have. */
const HELM =
  /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart|Capabilities|Files|Template)\b|(?:include|tpl|toYaml|template|define|block|range|with|if|else|end|fail|required|default)\b|\/\*)/;
/** A placeholder where a value, a key or an item begins, and a line that is nothing else. */
const AT_START = /(?:^\s*(?:-\s+)*|:\s+)(\{\{)(?!\s*["\w./-]+\s*:\s)/;
const WHOLE_LINE = /^\s*\{\{.*\}\}\s*$/;

/** The placeholders of a document that make it a template: they stand where YAML's own characters do. */
export function findPlaceholders(text: string): Placeholder[] {
  if (!text.includes("{{")) return [];
  const found: Placeholder[] = [];
  for (const { start, text: line } of structuralLines(text)) {
    const bare = unquoted(line);
    const begins = AT_START.exec(bare);
    if (begins === null) continue;
    const column = begins.index + begins[0].length - 2;
    const shown = /^\{\{.*?\}\}+|.*/.exec(line.slice(column).trimEnd())?.[0] ?? "";
    const helm = HELM.test(shown);
    if (!helm && !shown.includes("}}")) continue;
    // A text of several lines may have a line that begins so.
    if (/^\s*\{\{/.test(bare) && !helm && !WHOLE_LINE.test(bare)) continue;
    found.push({ start: start + column, end: start + column + shown.length, text: shown, helm });
  }
  return found;
}

/** One fault for all placeholders of a file: it has to be rendered, whatever else is wrong with it. */
export function templateFault(all: readonly Placeholder[]): Fault {
  const [first] = all as [Placeholder];
  const helm = all.some((placeholder) => placeholder.helm);
  const more = all.length === 1 ? "" : ` (and ${all.length - 1} more of these)`;
  return {
    severity: "error",
    code: "TS1108",
    path: "",
    span: first,
    message: `this is a ${helm ? "Helm " : ""}template, not yet a manifest: ${first.text} was not filled in${more}`,
    help: helm
      ? "render it first, for example: helm template . | tspod run -"
      : "render it first, with the tool it was written for (helm template, envsubst, jinja)",
  };
}

/** What no other tool's templates have: in quotes, those of Docker and others are meant as they stand. */
const HELM_ONLY = /\{\{-?\s*(?:\$?\.(?:Values|Release|Chart|Capabilities|Files)\b|(?:include|tpl|toYaml)\s)/;

/** Whether a value is a Helm template's text that nobody filled in. */
export const isHelmText = (text: string): boolean => text.includes("{{") && HELM_ONLY.test(text);
