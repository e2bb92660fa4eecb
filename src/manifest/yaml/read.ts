import { parseDocument } from "yaml";
import type { Fault } from "../fault.ts";
import { buildTree } from "./build-tree.ts";
import { explainSyntax } from "./explain-syntax.ts";
import type { SourceText } from "./source-text.ts";
import { isNull, type TreeNode } from "./tree.ts";

/** `---` and `...` at the start of a line end a document wherever they stand, even inside a block scalar. */
const MARKER = /^(?:---|\.\.\.)(?=\s|$)/gm;

type Report = (fault: Fault) => void;

/** The documents of a manifest, YAML or JSON; empty ones are left out, those that do not parse are reported. */
export function readDocuments(source: SourceText, report: Report): TreeNode[] {
  const starts = [0, ...[...source.text.matchAll(MARKER)].map((match) => match.index)];
  const roots: TreeNode[] = [];
  for (const [i, start] of starts.entries()) {
    const base = source.text.startsWith("...", start) ? start + 3 : start;
    const root = readOne(source, base, starts[i + 1] ?? source.text.length, report);
    if (root !== undefined && !isNull(root)) roots.push(root);
  }
  return roots;
}

function readOne(source: SourceText, base: number, end: number, report: Report): TreeNode | undefined {
  try {
    const document = parseDocument(source.text.slice(base, end), {
      // All scalars as text: the rules for them are Kubernetes', in scalar.ts.
      schema: "failsafe",
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    const [error] = document.errors;
    if (error === undefined)
      return document.contents === null ? undefined : buildTree(document, source, base, report);
    report(
      explainSyntax(source, { base, end, code: error.code, at: base + error.pos[0], text: error.message }),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Ten thousand open brackets exhaust the parser's stack: refused like any other bad text.
    const span = { start: base, end: base + 1 };
    report({
      severity: "error",
      code: "TS1009",
      path: "",
      span,
      message: "the document is nested too deeply",
    });
  }
  return undefined;
}
