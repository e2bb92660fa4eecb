import { quantityInUnits } from "../manifest/quantity.ts";
import type { Wanted } from "./limits.ts";
import type { Amounts } from "./resources.ts";

const prefix = "hugepages-";

/** Names of the resources among `limits` that are huge pages. */
export function asksHugePages(limits: Amounts): boolean {
  return Object.keys(limits).some((name) => name.startsWith(prefix));
}

/** `2Mi` → `2MB`: the controller's files name sizes in whole KB, MB or GB that mean powers of 1024. */
export function hugePageFileSize(size: string): string {
  let value = Number(quantityInUnits(size, "one"));
  for (const unit of ["B", "KB", "MB"]) {
    if (value < 1024) return `${value}${unit}`;
    value /= 1024;
  }
  return `${value}GB`;
}

/**
 * Every size the host has, at 0 unless asked for, as the kubelet does; asked-for sizes the host lacks are kept, so
 * that setting them fails aloud.
 */
export function hugePageLimits(
  limits: Amounts,
  sizes: readonly string[],
  field: string,
): Record<string, Wanted> {
  const result: Record<string, Wanted> = {};
  for (const size of sizes)
    result[size] = { value: 0, because: `${field} asks for no huge pages of ${size}` };
  for (const [name, value] of Object.entries(limits)) {
    if (!name.startsWith(prefix)) continue;
    result[hugePageFileSize(name.slice(prefix.length))] = { value, because: `${field}[${name}]` };
  }
  return result;
}
