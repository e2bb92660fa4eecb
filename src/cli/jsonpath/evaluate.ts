import { ExitCode, TspodError } from "../../errors/tspod-error.ts";
import type { BracketName, Comparison, Operand, Path, Step, TemplateNode } from "./parse.ts";

/** All values a path leads to. A field that is not there leads nowhere; an index out of bounds is an error, as in kubectl. */
export function valuesAt(path: Path, current: unknown, root: unknown = current): unknown[] {
  return path.steps.reduce<unknown[]>(
    (values, step) =>
      step.step === "union"
        ? // One name after the other, each of all values.
          step.names.flatMap((name) => values.flatMap((value) => named(value, name)))
        : values.flatMap((value) => take(step, value, root)),
    [path.root ? root : current],
  );
}

/** What a template makes of an object: text, the values of a path with a space between them. */
export function renderTemplate(
  nodes: readonly TemplateNode[],
  current: unknown,
  root: unknown = current,
): string {
  return nodes
    .map((node) => {
      if (node.node === "text") return node.text;
      const values = valuesAt(node.path, current, root);
      return node.node === "path"
        ? values.map(asText).join(" ")
        : values.map((value) => renderTemplate(node.body, value, root)).join("");
    })
    .join("");
}

/** A string as it is, all else as JSON with its fields by name. */
export function asText(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(sorted(value));
}

/** kubectl prints the fields of an object by name. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, part]) => [key, sorted(part)]));
}

function take(step: Exclude<Step, { step: "union" }>, value: unknown, root: unknown): unknown[] {
  switch (step.step) {
    case "field":
      return own(value, step.name);
    case "wildcard":
      return children(value);
    case "descend":
      return [value, ...children(value).flatMap((child) => take(step, child, root))];
    case "index":
      return Array.isArray(value) ? step.indexes.map((index) => at(value, index)) : [];
    case "slice":
      return Array.isArray(value) ? slice(value, step) : [];
    case "filter":
      return (Array.isArray(value) ? value : []).filter((item) => passes(step, item, root));
  }
}

function own(value: unknown, name: string): unknown[] {
  const isMap = typeof value === "object" && value !== null && !Array.isArray(value);
  return isMap && Object.hasOwn(value, name) ? [(value as Record<string, unknown>)[name]] : [];
}

/** kubectl sees a path in every name with dots; here a field of just that name comes first: `['kubernetes.io/hostname']`. */
function named(value: unknown, { name, path }: BracketName): unknown[] {
  const found = own(value, name);
  return found.length > 0
    ? found
    : path.reduce<unknown[]>((values, part) => values.flatMap((one) => own(one, part)), [value]);
}

function children(value: unknown): unknown[] {
  return typeof value === "object" && value !== null ? Object.values(value) : [];
}

function at(list: unknown[], index: number): unknown {
  if (index < list.length && index >= -list.length) return list.at(index);
  throw new TspodError({
    code: "TS3462",
    message: `array index out of bounds: index ${index}, length ${list.length}`,
    exitCode: ExitCode.failure,
  });
}

function slice(list: unknown[], { from = 0, to, by = 1 }: Extract<Step, { step: "slice" }>): unknown[] {
  return by > 0 ? list.slice(from, to).filter((_, index) => index % by === 0) : [];
}

function passes(step: Extract<Step, { step: "filter" }>, item: unknown, root: unknown): boolean {
  const left = operandValues(step.left, item, root);
  if (!step.operator || !step.right) return left.length > 0;
  const right = operandValues(step.right, item, root);
  return left.length > 0 && right.length > 0 && compares(step.operator, left[0], right[0]);
}

function operandValues(operand: Operand, item: unknown, root: unknown): unknown[] {
  return "path" in operand ? valuesAt(operand.path, item, root) : [operand.value];
}

function compares(operator: Comparison, a: unknown, b: unknown): boolean {
  if (operator === "==") return a === b;
  if (operator === "!=") return a !== b;
  const comparable = typeof a === typeof b && (typeof a === "number" || typeof a === "string");
  if (!comparable) return false;
  const [x, y] = [a as string, b as string];
  return { "<": x < y, ">": x > y, "<=": x <= y, ">=": x >= y }[operator];
}
