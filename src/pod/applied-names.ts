import type { Pod } from "../manifest/index.ts";
import type { PodRecord } from "../state/record.ts";

/** The names that a manifest has under its control from now on. */
export function appliedNames({ metadata }: Pod): NonNullable<PodRecord["applied"]> {
  return {
    labels: Object.keys(metadata?.labels ?? {}),
    annotations: Object.keys(metadata?.annotations ?? {}),
  };
}
