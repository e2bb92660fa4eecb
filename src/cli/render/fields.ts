/** A line of `describe`: label and value, or a heading with lines beneath. */
export type Field = [label: string, value: string] | [label: string, value: Field[]] | string;

/** Lays fields out as kubectl does: values of one level start in one column, what is beneath is indented. */
export function layout(fields: readonly Field[], indent = ""): string {
  const pairs = fields.filter((field): field is [string, string] => isPair(field));
  const width = Math.max(0, ...pairs.map(([label]) => label.length + 1)) + 2;
  return fields.map((field) => line(field, width, indent)).join("");
}

function isPair(field: Field): boolean {
  return typeof field !== "string" && typeof field[1] === "string";
}

function line(field: Field, width: number, indent: string): string {
  if (typeof field === "string") return `${indent}${field}\n`;
  const [label, value] = field;
  if (typeof value !== "string") return `${indent}${label}:\n${layout(value, `${indent}  `)}`;
  const [first = "", ...more] = value.split("\n");
  const head = `${indent}${`${label}:`.padEnd(width)}${first}`.trimEnd();
  return [head, ...more.map((text) => `${indent}${" ".repeat(width)}${text}`)].join("\n").concat("\n");
}

/** `<none>` where there is nothing, one `key=value` a line otherwise. */
export function keyValues(map: Record<string, string> | undefined, separator: string): string {
  const entries = Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.length === 0
    ? "<none>"
    : entries.map(([key, value]) => `${key}${separator}${value}`).join("\n");
}
