import type { SourcePosition } from "../errors/tspod-error.ts";
import type { Excerpt, Problem } from "./problem.ts";
import type { SourceText, Span } from "./yaml/source-text.ts";

/** A problem while the documents are being read: as found, before line, column and excerpt are added. */
export interface Fault extends Pick<Problem, "severity" | "code" | "path" | "message" | "value" | "help"> {
  span: Span;
  /** A few words beside the caret. */
  note?: string;
  /** Also show the line before. */
  before?: boolean;
  object?: string;
}

/** Flags that change what a fault weighs. */
export interface Weights {
  /** All warnings become errors. */
  strict?: boolean;
  /** Only those about fields that have no meaning on a single node do. */
  strictSingleNode?: boolean;
  /** Objects of kinds that cannot be used here are left out with a warning. */
  skipUnsupported?: boolean;
}

export function severityOf(
  { severity, code, path, note }: Fault,
  { strict = false, strictSingleNode = false, skipUnsupported = false }: Weights,
): Fault["severity"] {
  // An unknown kind that is not a misspelt one is some cluster's own.
  const foreign = code === "TS2006" || (code === "TS2005" && note === undefined);
  if (skipUnsupported && foreign && path === "kind") return "warning";
  return strict || (strictSingleNode && code === "TS2008") ? "error" : severity;
}

/** Adds position and excerpt. */
export function toProblem(source: SourceText, fault: Fault): Problem {
  const { span, note, before, ...rest } = fault;
  const { line, column } = source.at(span.start);
  const text = source.line(line);
  const position: SourcePosition = { file: source.name, line, column };
  if (fault.path !== "") position.field = fault.path;
  const excerpt: Excerpt = {
    lines: [{ number: line, text }],
    line,
    column,
    length: Math.max(1, Math.min(span.end, span.start + text.length - column + 1) - span.start),
  };
  if (before && line > 1) excerpt.lines.unshift({ number: line - 1, text: source.line(line - 1) });
  if (note !== undefined) excerpt.note = note;
  return { ...rest, position, excerpt };
}

/** Sorts by line and column; errors before warnings at the same place. */
export function byPosition(a: Problem, b: Problem): number {
  return (
    a.position.line - b.position.line ||
    a.position.column - b.position.column ||
    a.severity.localeCompare(b.severity) ||
    a.path.localeCompare(b.path)
  );
}
