import type { ContainerOp } from "./container-op.ts";

/** Fields that hold 64-bit masks; JSON has no such numbers, so they are written as decimal text. */
const BIG_FIELDS = new Set(["mask", "effective", "permitted", "inheritable", "ambient", "soft", "hard"]);

/** JSON of anything that holds ops. */
export function stringifyOps(value: unknown, indent?: number): string {
  return JSON.stringify(value, (_, item) => (typeof item === "bigint" ? item.toString() : item), indent);
}

/** Reads back what `stringifyOps` wrote. */
export function parseOps<T = ContainerOp[]>(text: string): T {
  return JSON.parse(text, (key, item) =>
    BIG_FIELDS.has(key) && typeof item === "string" ? BigInt(item) : item,
  ) as T;
}
