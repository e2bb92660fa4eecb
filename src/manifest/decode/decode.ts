import { type Field, fieldsOf } from "../schema.ts";
import type { Span } from "../yaml/source-text.ts";
import {
  type Entry,
  isDoubtful,
  isNull,
  type MapNode,
  plainValue,
  type ScalarNode,
  type TreeNode,
} from "../yaml/tree.ts";
import { child, type DecodeContext, type TrailStep } from "./context.ts";
import { missingHelp } from "./missing.ts";
import { decodeScalar, kindOf, type Mismatch, wanted } from "./scalars.ts";
import { textHelp, wrongItem, wrongShape } from "./shapes.ts";
import { reportUnknown } from "./unknown-fields.ts";

/**
 * Reads a map as an object of an API type, strictly: unknown fields, wrong types and missing required fields are
 * reported, all of them. What was refused is left out of the result.
 */
export function decodeObject(
  context: DecodeContext,
  node: MapNode,
  { type, path = "", around = [], keySpan }: ObjectPlace,
): Record<string, unknown> {
  const fields = fieldsOf(type);
  const trail = [...around, { type, path, node }];
  const object: Record<string, unknown> = {};
  const unknown: Entry[] = [];
  for (const entry of node.entries) {
    const field = fields.get(entry.key);
    if (field === undefined) {
      unknown.push(entry);
      continue;
    }
    // The API's decoder takes null for "not set".
    if (isNull(entry.value) && !isDoubtful(entry.value)) continue;
    const at = child(path, entry.key);
    context.onField({ owner: type, name: entry.key, path: at, node: entry.value, keySpan: entry.keySpan });
    const value = decodeField(context, entry, { field, path: at, trail });
    if (value !== undefined) object[entry.key] = value;
  }
  if (unknown.length > 0) reportUnknown(context, trail, unknown);
  for (const { name, required } of fields.values())
    if (required && object[name] === undefined)
      reportMissing(context, child(path, name), {
        span: keySpan ?? firstKey(node),
        help: missingHelp(type, name),
      });
  return object;
}

interface ObjectPlace {
  type: string;
  path?: string;
  around?: TrailStep[];
  /** The key that the object stands under; items of lists have none. */
  keySpan?: Span;
}

const firstKey = (node: MapNode): Span =>
  node.entries[0]?.keySpan ?? { start: node.start, end: node.start + 1 };

function reportMissing(
  context: DecodeContext,
  path: string,
  { span, help }: { span: Span; help: string | undefined },
): void {
  // A value that was refused is not missing.
  if (context.broken.has(path)) return;
  context.broken.add(path);
  context.report({
    severity: "error",
    code: "TS2003",
    path,
    span,
    message: `${path}: Required value`,
    ...(help === undefined ? {} : { help }),
  });
}

interface Place {
  field: Field;
  path: string;
  trail: TrailStep[];
}

function decodeField(context: DecodeContext, entry: Entry, { field, path, trail }: Place): unknown {
  const node = entry.value;
  if (isDoubtful(node)) {
    context.broken.add(path);
    return undefined;
  }
  if (field.scalar === "x") return plainValue(node);
  const refuse = (mismatch: Mismatch) => {
    const span = node.kind === "scalar" && node.end > node.start ? node : entry.keySpan;
    return refuseValue(context, path, span, mismatch, node);
  };
  if (field.shape === "list") {
    if (node.kind !== "list") return refuse(wrongShape(field, node));
    const items = node.items.map((item, i) =>
      decodeItem(context, item, { field, path: `${path}[${i}]`, trail }),
    );
    // A refused item keeps its place, so that the paths of those after it stay true.
    return items.map((item) => item ?? placeholder(field));
  }
  if (node.kind !== "scalar" && field.scalar !== undefined && field.shape === "one")
    return refuse(wrongShape(field, node));
  if (field.shape === "map") {
    if (node.kind !== "map") return refuse(wrongShape(field, node));
    const map: Record<string, unknown> = {};
    for (const { key, value } of node.entries) {
      const item = decodeItem(context, value, { field, path: `${path}[${key}]`, trail });
      if (item !== undefined) setOwn(map, key, item);
    }
    return map;
  }
  if (field.type !== undefined) {
    if (node.kind !== "map") return refuse(wrongShape(field, node));
    return decodeObject(context, node, { type: field.type, path, around: trail, keySpan: entry.keySpan });
  }
  const decoded = decodeScalar(field.scalar as NonNullable<Field["scalar"]>, node as ScalarNode);
  return decoded.ok ? decoded.value : refuse(withHelp(field, decoded));
}

/** Users are numbers here: names are the image's affair. */
function withHelp({ name }: Field, mismatch: Mismatch): Mismatch {
  if (mismatch.help !== undefined || !/^(runAs(User|Group)|fsGroup)$/.test(name)) return mismatch;
  return { ...mismatch, help: "a number, as `id -u NAME` prints it in the image" };
}

function decodeItem(context: DecodeContext, node: TreeNode, { field, path, trail }: Place): unknown {
  if (isDoubtful(node)) {
    context.broken.add(path);
    return undefined;
  }
  if (field.type !== undefined) {
    if (node.kind === "map") return decodeObject(context, node, { type: field.type, path, around: trail });
    return refuseValue(context, path, node, wrongItem(field, node), node);
  }
  if (node.kind !== "scalar")
    return refuseValue(
      context,
      path,
      node,
      {
        message: `Invalid value: must be ${wanted(field.scalar ?? "s")}, not ${kindOf(node)}`,
        ...(field.scalar === "s" ? { help: textHelp(node) } : {}),
      },
      node,
    );
  // Go's decoder makes "" of a null in a list or map of strings.
  if (node.value === null && field.scalar === "s") return "";
  const decoded = decodeScalar(field.scalar as NonNullable<Field["scalar"]>, node);
  return decoded.ok ? decoded.value : refuseValue(context, path, node, decoded, node);
}

function refuseValue(
  context: DecodeContext,
  path: string,
  span: Span,
  { message, help }: Mismatch,
  node: TreeNode,
): undefined {
  context.broken.add(path);
  context.report({
    severity: "error",
    code: "TS2002",
    path,
    span: { start: span.start, end: Math.max(span.end, span.start + 1) },
    message: `${path}: ${message}`,
    ...(message.includes("base64") || node.kind !== "scalar" ? {} : { value: plainValue(node) }),
    ...(help === undefined ? {} : { help }),
  });
  return undefined;
}

const placeholder = (field: Field): unknown => {
  if (field.type !== undefined) return {};
  return field.scalar === "i" || field.scalar === "l" ? 0 : "";
};

/** A key such as __proto__ must become a plain property. */
function setOwn(map: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
