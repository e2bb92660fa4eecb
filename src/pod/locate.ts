import type { SourcePosition } from "../errors/tspod-error.ts";

/** Where a field of the manifest stands in its file; of the nearest parent that is there otherwise. */
export type Locate = (field: string) => SourcePosition;

/** Fields by their names alone: the manifest's text is not at hand (any more). */
export const unplaced =
  (file: string, prefix = ""): Locate =>
  (field) => ({ file, line: 0, column: 0, field: `${prefix}${field}` });
