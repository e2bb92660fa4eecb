import type { PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";

/**
 * No NUL in any text of a spec: all of them become arguments, variables, paths or names, which the kernel ends at the
 * first NUL. The API server takes them, and the container then fails.
 */
export function checkNoNul(check: Check, spec: PodSpec): void {
  const walk = (path: string, value: unknown): void => {
    if (typeof value === "string") {
      if (value.includes("\0"))
        check.invalid(
          path,
          value,
          "must not contain a NUL character: the kernel ends every text at the first",
        );
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) walk(`${path}[${index}]`, item);
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(`${path}.${key}`, item);
    }
  };
  walk("spec", spec);
}
