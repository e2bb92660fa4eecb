import { createHash } from "node:crypto";

/** Equal for equal values, whatever the order of fields. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** Ten safe characters that follow from a template alone: the same template gets the same name after any crash. */
export function templateHash(template: unknown, collisions = 0): string {
  const text = canonical(template) + (collisions === 0 ? "" : `#${collisions}`);
  const digest = createHash("sha256").update(text).digest();
  return [...digest.subarray(0, 10)].map((byte) => SAFE[byte % SAFE.length]).join("");
}
