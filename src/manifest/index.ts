export type * from "./gen/types.ts";
export type * from "./object.ts";
export type { ManifestText, ParseOptions, ParseResult } from "./parse.ts";
export { parseManifests } from "./parse.ts";
export type { Excerpt, Problem } from "./problem.ts";
