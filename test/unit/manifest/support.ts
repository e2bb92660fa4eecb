import { type ParseOptions, type ParseResult, parseManifests } from "../../../src/manifest/parse.ts";

/** Stands in a test's manifest before the place where a problem is expected; it is not part of the text. */
const MARK = "▸";

export interface Marked {
  text: string;
  /** `line:column` of each mark, in their order. */
  marks: string[];
}

/** Takes the marks out of a manifest. */
export function marked(source: string): Marked {
  const marks: string[] = [];
  const lines = source.split("\n").map((line, i) => {
    let rest = line;
    for (let at = rest.indexOf(MARK); at >= 0; at = rest.indexOf(MARK)) {
      marks.push(`${i + 1}:${at + 1}`);
      rest = rest.slice(0, at) + rest.slice(at + MARK.length);
    }
    return rest;
  });
  return { text: lines.join("\n"), marks };
}

/** A Pod with one container; `spec` and `container` are lines to add, indented as they stand in it. */
export function pod({ spec = "", container = "" }: { spec?: string; container?: string }): string {
  const block = (lines: string, indent: string) =>
    lines
      .split("\n")
      .filter((line) => line.trim() !== "")
      .map((line) => `${indent}${line}\n`)
      .join("");
  return `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
${block(spec, "  ")}  containers:
  - name: a
    image: busybox
${block(container, "    ")}`;
}

export function parse(text: string, options?: ParseOptions): ParseResult {
  return parseManifests([{ name: "pod.yaml", text }], options);
}

/** Every problem and warning as `line:column code path: rest`, in order of place. */
export function problemsOf(source: string, options?: ParseOptions): { marks: string[]; found: string[] } {
  const { text, marks } = marked(source);
  const { problems, warnings } = parse(text, options);
  const found = [...problems, ...warnings].map(
    ({ position, code, message }) => `${position.line}:${position.column} ${code} ${message}`,
  );
  return { marks, found };
}
