import { inColumns } from "./columns.ts";
import { withoutControls } from "./printable.ts";

/**
 * A line of `describe`: label and value, or a heading with lines beneath, so many spaces further in. A text stands as it
 * is; tabs in it end cells.
 */
export type Field = [label: string, value: string | Field[], indent?: number] | string;

const INDENT = 2;

/** Lays fields out as kubectl does: values of neighbouring lines start in one column. */
export function layout(fields: readonly Field[]): string {
  return inColumns(
    withoutControls(
      lines(fields, 0)
        .map((line) => `${line}\n`)
        .join(""),
    ),
  );
}

function lines(fields: readonly Field[], indent: number): string[] {
  const before = " ".repeat(indent);
  return fields.flatMap((field) => {
    if (typeof field === "string") return `${before}${field}`;
    const [label, value, further = INDENT] = field;
    if (typeof value !== "string") return [`${before}${label}:`, ...lines(value, indent + further)];
    const [first = "", ...more] = value.split("\n");
    return [`${before}${label}:\t${first}`, ...more.map((text) => `${before}\t${text}`)];
  });
}

/** `<none>` where there is nothing, one `key=value` a line otherwise. */
export function keyValues(map: Record<string, string> | undefined, separator: string): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0
    ? "<none>"
    : entries.map(([key, value]) => `${key}${separator}${value}`).join("\n");
}

/** A field for each key, in their order. */
export function fieldsOf(map: Record<string, string>): Field[] {
  return Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1));
}
