import type { Fault } from "../fault.ts";
import type { MapNode, TreeNode } from "../yaml/tree.ts";

/** The objects around a field, outermost first. */
export interface TrailStep {
  type: string;
  path: string;
  node: MapNode;
}

/** What the walk over one object collects. */
export interface DecodeContext {
  report(fault: Fault): void;
  /** Paths whose value was refused: rules stay silent about them and about what hangs on them. */
  broken: Set<string>;
  /** Called for every known field with a value, to apply priorities. */
  onField(seen: SeenField): void;
}

export interface SeenField {
  /** The type the field belongs to. */
  owner: string;
  name: string;
  path: string;
  node: TreeNode;
  keySpan: { start: number; end: number };
}

export const child = (path: string, name: string): string => (path === "" ? name : `${path}.${name}`);
