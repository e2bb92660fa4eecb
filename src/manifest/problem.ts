import type { SourcePosition } from "../errors/tspod-error.ts";

/** The lines around a problem, and what the caret points at. Lines and columns start at 1, columns in characters. */
export interface Excerpt {
  lines: { number: number; text: string }[];
  /** The line the caret stands under. */
  line: number;
  column: number;
  /** How many characters are underlined; at least 1. */
  length: number;
  /** A few words printed beside the caret: `did you mean "command"?` */
  note?: string;
}

/** One thing that is wrong with a manifest, or worth a word. Codes: docs/fields.md. */
export interface Problem {
  severity: "error" | "warning";
  /** Stable: `TS` and four digits; 1xxx YAML, 2xxx fields, 3xxx values and conflicts. */
  code: string;
  position: SourcePosition;
  /** Field path as kubectl writes it (`spec.containers[0].image`); "" for problems of the YAML itself. */
  path: string;
  /** One sentence with the actual value and the rule. */
  message: string;
  /** The offending value, where there is one. */
  value?: unknown;
  /** The most likely way out. */
  help?: string;
  excerpt?: Excerpt;
  /** The object concerned, as kubectl names it: `pod/web`; absent for problems of the YAML itself. */
  object?: string;
}
