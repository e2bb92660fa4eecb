import type { Fault } from "../fault.ts";
import { buildTree } from "./build-tree.ts";
import { Draft } from "./draft.ts";
import { foreignByte } from "./foreign-byte.ts";
import { joinedObjects, objectsInOne } from "./joined.ts";
import { parseDraft, type Stretch } from "./parse-document.ts";
import type { SourceText } from "./source-text.ts";
import { repairStray } from "./stray.ts";
import { findPlaceholders, type Placeholder, templateFault } from "./template.ts";
import { isNull, type TreeNode } from "./tree.ts";

/**
 * `---` and `...` at the start of a line end a document wherever they stand, even inside a block scalar. More dashes
 * alone on a line are a text to YAML, and meant as a separator.
 */
const MARKER = /^(?:(?:---|\.\.\.)(?=\s|$)|-{4,}(?=[ \t\r]*$))/gm;
/** A comment, a directive (`%YAML 1.1`, as before a line of dashes) or nothing. */
const NO_CONTENT = /^\s*(?:[#%].*)?$/;

type Report = (fault: Fault) => void;

/**
 * The documents of a manifest, YAML or JSON; empty ones are left out. A slip with one sure repair is reported, and
 * the rest of its document read as if it were repaired; a document with another slip is left out.
 */
export function readDocuments(source: SourceText, report: Report): TreeNode[] {
  const markers = [...source.text.matchAll(MARKER)];
  const starts = [{ index: 0, 0: "" }, ...markers];
  const roots: TreeNode[] = [];
  const templates: Placeholder[] = [];
  const foreign = foreignByte(source.text);
  if (foreign && !source.text.includes("\0")) report(foreign);
  for (const [i, { index, 0: marker }] of starts.entries()) {
    const base = marker === "---" ? index : index + marker.length;
    const end = starts[i + 1]?.index ?? source.text.length;
    if (marker.length > 3) report(tooManyDashes(index, base));
    const placeholders = findPlaceholders(source.text.slice(base, end));
    for (const one of placeholders) templates.push({ ...one, start: base + one.start, end: base + one.end });
    if (placeholders.length > 0) continue;
    for (const root of readOne(source, { base, end }, report)) if (!isNull(root)) roots.push(root);
  }
  if (templates.length > 0) report(templateFault(templates));
  return roots;
}

function readOne(source: SourceText, { base, end }: Stretch, report: Report): TreeNode[] {
  const draft = new Draft(source.text.slice(base, end));
  const nul = draft.text.indexOf("\0");
  if (nul >= 0) {
    report(notText(base + nul));
    return [];
  }
  if (/^%/m.test(draft.text) && draft.text.split("\n").every((line) => NO_CONTENT.test(line))) return [];
  const place = (offset: number) => base + draft.origin(offset);
  const moved = ({ start, end: to }: { start: number; end: number }) => ({
    start: base + start,
    end: base + to,
  });
  const faults: Fault[] = [];
  const note = (fault: Fault) => faults.push(fault);
  // What was noted of the whole is noted again of the part that it stands in.
  const partByPart = (starts: number[]) =>
    [base, ...starts].flatMap((from, i) => readOne(source, { base: from, end: starts[i] ?? end }, report));
  const tellAll = () => {
    for (const fault of faults.splice(0)) report(fault);
  };
  try {
    repairStray(draft, (fault) => note({ ...fault, span: moved(fault.span) }));
    const parsed = parseDraft(source, draft, { base, end }, note);
    if (parsed !== undefined && "joinedAt" in parsed)
      return partByPart(joinedObjects(draft.text, parsed.joinedAt).map(place));
    const objects = parsed === undefined ? [] : objectsInOne(parsed.document).map(place);
    if (objects.length > 0) {
      for (const start of objects) report(separatorMissing(start));
      return partByPart(objects);
    }
    tellAll();
    if (parsed === undefined || parsed.document.contents === null) return [];
    const { document } = parsed;
    const tree = buildTree(document, { source, place, doubtful: draft.doubtful.map(moved) }, report);
    if (draft.guessed && tree.kind === "map") tree.guessed = true;
    if (!isBomb(tree)) return [tree];
    report(tooMuch(base, "the document's aliases multiply to too many values", "write the values out"));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    tellAll();
    // Ten thousand open brackets exhaust the parser's stack.
    report(tooMuch(base, "the document is nested too deeply", "remove brackets"));
  }
  return [];
}

const separatorMissing = (start: number): Fault => ({
  severity: "error",
  code: "TS1106",
  path: "",
  span: { start, end: start + 1 },
  message: "a second object begins here, in the same document as the first",
  help: "put a line with three dashes between them: ---",
  before: true,
});

const tooManyDashes = (start: number, end: number): Fault => ({
  severity: "error",
  code: "TS1101",
  path: "",
  span: { start, end },
  message: "this line is not what separates documents (YAML)",
  help: "write three dashes, and nothing else: ---",
});

const notText = (start: number): Fault => ({
  severity: "error",
  code: "TS1101",
  path: "",
  span: { start, end: start + 1 },
  message: "this is no text: there is a NUL byte here",
  help: "save the file as text (UTF-8); an archive has to be unpacked first",
});

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
