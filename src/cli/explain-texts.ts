import { readFileSync } from "node:fs";
import type { FieldTexts } from "../manifest/describe-field.ts";

/** Kubernetes' own texts about the types and fields of its API, and what tspod's codes mean. */
export interface ExplainTexts {
  types: FieldTexts;
  codes: Record<string, string>;
}

/** The texts that the build writes beside the bundle; none when it is not a build that runs. */
export function readExplainTexts(bundle = import.meta.filename): ExplainTexts {
  try {
    return JSON.parse(readFileSync(bundle.replace(/\.cjs$/, ".texts.json"), "utf8"));
  } catch {
    return { types: {}, codes: {} };
  }
}
