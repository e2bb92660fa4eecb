import type { DescribedField, FieldDescription, TreeField } from "../../manifest/describe-field.ts";
import type { FieldState } from "../../manifest/field-state.ts";
import type { Style } from "./style.ts";

interface Form {
  width: number;
  style: Style;
}

/** A field for people, laid out as `kubectl explain` does, with what tspod does with it. */
export function explainedField(field: FieldDescription, form: Form, tree?: string): string {
  const parts = [`KIND:       ${field.kind}`, `VERSION:    ${field.version}`, ""];
  if (field.path.includes(".")) parts.push(`FIELD:      ${field.path} ${typeOf(field)}`);
  parts.push(`TSPOD:      ${stateText(field.tspod, form.style)}`);
  if (field.default !== undefined) parts.push(`DEFAULT:    ${field.default}`);
  if (field.description !== "") parts.push("", "DESCRIPTION:", ...indented(field.description, form.width));
  if (tree !== undefined || field.fields.length > 0) parts.push("", "FIELDS:");
  if (tree !== undefined) parts.push(tree);
  else parts.push(...field.fields.flatMap((one) => inside(one, form)));
  return `${parts.join("\n").trimEnd()}\n`;
}

/** All that is inside a field, two columns further in with each level. */
export const fieldTree = (fields: readonly TreeField[]): string =>
  fields.map((field) => `${"  ".repeat(field.depth + 1)}${field.name} ${typeOf(field)}`).join("\n");

const typeOf = ({ type, required }: { type: string; required: boolean }): string =>
  `<${type}>${required ? " -required-" : ""}`;

function inside(field: DescribedField, { width, style }: Form): string[] {
  const lines = [`  ${style("bold", field.name)} ${typeOf(field)}`];
  if (field.default !== undefined) lines.push(`    default: ${field.default}`);
  if (field.tspod.kind !== "honoured") lines.push(`    tspod: ${stateText(field.tspod, style)}`);
  if (field.description !== "") lines.push(...indented(firstSentence(field.description), width));
  return [...lines, ""];
}

const COLOURS = { error: "red", warning: "yellow", none: "green" } as const;

function stateText({ kind, severity, reason, instead, always }: FieldState, style: Style): string {
  const some = always === false ? " for values other than the usual" : "";
  const why = [reason, instead].filter((part) => part !== undefined).join("; ");
  const text = {
    honoured: "honoured",
    dropped: "accepted and dropped: the server writes it",
    "not yet": `not supported yet${some}${severity === undefined ? "" : ` (${severity})`}: ${why}`,
    ignored: `ignored on a single node${some}: ${why}`,
    refused: `refused${some}: ${why}`,
  }[kind];
  return style(COLOURS[severity ?? "none"], text);
}

/** The rest is shown when the field itself is asked for. */
const firstSentence = (text: string): string => /^.*?[.:](?=\s+[A-Z]|$)/.exec(text)?.[0] ?? text;

const INDENT = 4;

function indented(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && INDENT + line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => " ".repeat(INDENT) + one);
}
