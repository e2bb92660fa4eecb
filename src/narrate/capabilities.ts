import { allCapabilities, namesOf } from "../security/index.ts";

/** The names in a capability mask, without CAP_; `all` when every known one is in it, `none` when it is empty. */
export function capabilityText(mask: bigint): string {
  if (mask === 0n) return "none";
  return (mask & allCapabilities) === allCapabilities ? "all" : namesOf(mask).join(", ");
}
