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
    if (error === undefined) {
      if (document.contents === null) return undefined;
      const tree = buildTree(document, source, base, report);
      if (!isBomb(tree)) return tree;
      report(tooMuch(base, "the document's aliases multiply to too many values", "write the values out"));
    } else {
      const { code, message } = error;
      report(explainSyntax(source, { base, end, code, at: base + error.pos[0], text: message }));
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    // Ten thousand open brackets exhaust the parser's stack.
    report(tooMuch(base, "the document is nested too deeply", "remove brackets"));
  }
  return undefined;
}

const tooMuch = (start: number, message: string, help: string): Fault => ({
  severity: "error",
  code: "TS1109",
  path: "",
  span: { start, end: start + 1 },
  message,
  help,
});

/** Whether aliases repeat so much that the document would be many times larger than it is written. */
function isBomb(root: TreeNode): boolean {
  const sizes = new Map<TreeNode, number>();
  const sizeOf = (node: TreeNode): number => {
    const known = sizes.get(node);
    if (known !== undefined) return known;
    const children =
      node.kind === "map" ? node.entries.map(({ value }) => value) : node.kind === "list" ? node.items : [];
    const size = children.reduce((sum, child) => sum + sizeOf(child), 1);
    sizes.set(node, size);
    return size;
  };
  const expanded = sizeOf(root);
  return expanded > 100_000 && expanded > 10 * sizes.size;
}
