import type { SourcePosition } from "../errors/tspod-error.ts";

/** Where a field of the manifest stands in its file; of the nearest parent that is there otherwise. */
export type Locate = (field: string) => SourcePosition;
