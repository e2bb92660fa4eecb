import { readFileSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import { codeOf } from "../../errors/errno.ts";
import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import { singular } from "../../manifest/index.ts";
import { structured } from "./structured.ts";
import { table } from "./table.ts";

/** An object of the API, as `-o json` prints it. */
export interface Printable {
  kind?: string | undefined;
  metadata?: { name?: string | undefined } | undefined;
}

export interface OutputOptions {
  /** What `-o` was given. */
  output?: string | undefined;
  /** One object was named: it stands alone, not in a List. */
  single: boolean;
  headers: boolean;
}

const PLAIN = ["json", "yaml", "name", "wide"];
const WITH_VALUE = ["jsonpath", "jsonpath-as-json", "jsonpath-file", "custom-columns", "custom-columns-file"];

export const OUTPUT_FORMATS =
  "wide, json, yaml, name, jsonpath=TEMPLATE, jsonpath-file=FILE, jsonpath-as-json=PATH, custom-columns=HEADING:PATH,… or custom-columns-file=FILE";

/** For commander: what `-o` takes in `get`. */
export function outputFormat(text: string): string {
  const [name = "", value] = split(text);
  if (PLAIN.includes(name) && value === undefined) return text;
  if (WITH_VALUE.includes(name) && value) return text;
  const why = WITH_VALUE.includes(name)
    ? `${name} needs a value after =`
    : `allowed formats are: ${[...PLAIN, ...WITH_VALUE].join(",")}`;
  throw new InvalidArgumentError(`unable to match a printer suitable for the output format; ${why}.`);
}

/** Objects as `-o` asks for them; undefined when it asks for the table that people read. */
export async function printed(
  objects: readonly Printable[],
  { output, single, headers }: OutputOptions,
): Promise<string | undefined> {
  if (output === undefined || output === "wide") return undefined;
  if (output === "name")
    return objects.map(({ kind = "", metadata }) => `${singular(kind)}/${metadata?.name}\n`).join("");
  const whole =
    single && objects.length === 1
      ? objects[0]
      : { apiVersion: "v1", items: objects, kind: "List", metadata: { resourceVersion: "" } };
  if (output === "json" || output === "yaml") return structured(whole, output);
  const [{ parseTemplate }, { renderTemplate, sorted, valuesAt }] = await Promise.all([
    import("../jsonpath/parse.ts"),
    import("../jsonpath/evaluate.ts"),
  ]);
  const [format = "", value = ""] = split(output);
  switch (format) {
    case "jsonpath":
    case "jsonpath-file":
      return renderTemplate(parseTemplate(format === "jsonpath" ? value : readText(value)), whole);
    case "jsonpath-as-json": {
      const values = parseTemplate(value).flatMap((one) =>
        one.node === "text" ? [] : valuesAt(one.path, whole),
      );
      return structured(values.map(sorted), "json");
    }
    default:
      return customColumns(
        objects,
        format === "custom-columns" ? value : columnsOf(readText(value)),
        headers,
      );
  }
}

async function customColumns(objects: readonly Printable[], spec: string, headers: boolean): Promise<string> {
  const [{ parsePath }, { valuesAt }] = await Promise.all([
    import("../jsonpath/parse.ts"),
    import("../jsonpath/evaluate.ts"),
  ]);
  const columns = spec.split(",").map((column) => {
    const at = column.indexOf(":");
    if (at < 1 || at === column.length - 1)
      throw usage(`unexpected custom-columns spec: ${column}, expected <header>:<json-path-expr>`);
    return { heading: column.slice(0, at), path: parsePath(column.slice(at + 1)) };
  });
  const rows = objects.map((object) =>
    columns.map(({ path }) => {
      const values = valuesAt(path, object).filter((value) => value !== null);
      return values.length > 0 ? values.map(goText).join(",") : "<none>";
    }),
  );
  return table([...(headers ? [columns.map(({ heading }) => heading)] : []), ...rows]);
}

/** A file of custom columns: headings in the first line, a path below each. */
function columnsOf(text: string): string {
  const [headings = [], paths = []] = text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => line.trim().split(/\s+/));
  if (headings.length === 0 || headings.length !== paths.length)
    throw usage(`number of titles (${headings.length}) and columns (${paths.length}) in the file must match`);
  return headings.map((heading, index) => `${heading}:${paths[index]}`).join(",");
}

/** As Go prints a value: `[a b]`, `map[a:b]`. */
function goText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(goText).join(" ")}]`;
  if (typeof value !== "object" || value === null) return String(value ?? "<nil>");
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, part]) => `${key}:${goText(part)}`).join(" ")}]`;
}

/** `a=b,c=d`, as the column of --show-labels has it. */
export function labelsText(labels: Record<string, string> = {}): string {
  const texts = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return texts.sort().join(",") || "<none>";
}

/** The objects in the order of what a path leads to; those without come first. */
export async function sortedBy<T>(
  items: readonly T[],
  text: string | undefined,
  objectOf: (item: T) => unknown,
): Promise<T[]> {
  if (text === undefined || items.length === 0) return [...items];
  const [{ parsePath }, { valuesAt }] = await Promise.all([
    import("../jsonpath/parse.ts"),
    import("../jsonpath/evaluate.ts"),
  ]);
  const path = parsePath(text);
  const keyed = items.map((item) => ({ item, value: valuesAt(path, objectOf(item))[0] }));
  if (keyed.every(({ value }) => value === undefined))
    throw usage(`couldn't find any field with path ${JSON.stringify(text)} in the list of objects`);
  return keyed.sort((a, b) => compare(a.value, b.value)).map(({ item }) => item);
}

function compare(a: unknown, b: unknown): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), "en", { numeric: true });
}

function split(text: string): [name: string, value: string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8").replace(/\n$/, "");
  } catch (error) {
    throw usage(`error reading template ${file}: ${codeOf(error)}`);
  }
}

function usage(message: string): TspodError {
  return new TspodError({ code: "TS3463", message, exitCode: ExitCode.invalid });
}
