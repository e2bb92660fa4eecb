import type { PlainValue } from "./scalar.ts";
import type { Span } from "./source-text.ts";

/** A document after anchors, merge keys and scalar rules: what the checks walk over. Spans refer to the source. */
export type TreeNode = MapNode | ListNode | ScalarNode;

export interface MapNode extends Span {
  kind: "map";
  entries: Entry[];
  /** Written in braces. */
  flow?: true;
  /** Of a whole document: lines of it were moved, so that what it seems to lack may be there. */
  guessed?: true;
}

export interface Entry {
  /** The key as Kubernetes sees it: a plain `on` has become "true". */
  key: string;
  keySpan: Span;
  value: TreeNode;
}

export interface ListNode extends Span {
  kind: "list";
  items: TreeNode[];
  /** Written in brackets. */
  flow?: true;
}

export interface ScalarNode extends Span {
  kind: "scalar";
  value: PlainValue;
  /** The characters it was written with, without quotes. */
  text: string;
  quoted: boolean;
  /** It has been said that something is wrong here: the value is a guess, and nothing more is said of it. */
  doubtful?: true;
}

export const entryOf = (map: MapNode, key: string): Entry | undefined =>
  map.entries.find((entry) => entry.key === key);

export const isNull = (node: TreeNode): boolean => node.kind === "scalar" && node.value === null;

export const isDoubtful = (node: TreeNode): boolean => node.kind === "scalar" && node.doubtful === true;

/** The value as plain data, without checks; integers that fit become numbers. */
export function plainValue(node: TreeNode): unknown {
  if (node.kind === "list") return node.items.map(plainValue);
  if (node.kind === "map")
    return Object.fromEntries(node.entries.map(({ key, value }) => [key, plainValue(value)]));
  const { value } = node;
  return typeof value === "bigint" && value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : value;
}

/** What a path leads to: the key it was written under, if any, and the value. */
export interface Located {
  node: TreeNode;
  keySpan?: Span;
  /** False: the path is not there; this is the nearest parent that is. */
  exact: boolean;
}

/** Splits `spec.containers[0].limits[cpu]` into its steps. */
export function pathSteps(path: string): string[] {
  const steps: string[] = [];
  for (const [, name, index] of path.matchAll(/([^.[\]]+)|\[([^\]]*)\]/g))
    steps.push((name ?? index) as string);
  return steps;
}

/** Follows a field path through a tree. */
export function locate(root: TreeNode, path: string): Located {
  let here: Located = { node: root, exact: true };
  for (const step of pathSteps(path)) {
    const next = follow(here.node, step);
    if (next === undefined) return { ...here, exact: false };
    here = next;
  }
  return here;
}

function follow(node: TreeNode, step: string): Located | undefined {
  if (node.kind === "map") {
    const entry = entryOf(node, step);
    return entry && { node: entry.value, keySpan: entry.keySpan, exact: true };
  }
  const item = node.kind === "list" ? node.items[Number(step)] : undefined;
  return item && { node: item, exact: true };
}

/** What a caret points at: a scalar itself, a collection's key, or the first line of a list's item. */
export function caretSpan({ node, keySpan, exact }: Located): Span {
  const empty = node.end <= node.start;
  if (keySpan !== undefined && (node.kind !== "scalar" || empty || !exact)) return keySpan;
  if (node.kind === "map" && node.entries[0] !== undefined) return node.entries[0].keySpan;
  if (node.kind === "list" && node.items[0] !== undefined) return caretSpan({ node: node.items[0], exact });
  return node;
}
