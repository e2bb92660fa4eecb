/** A count, or a percentage of `total` rounded up or down, as maxSurge and maxUnavailable are. */
export function shareOf(value: number | string | undefined, total: number, rounding: "up" | "down"): number {
  if (value === undefined) return 0;
  if (typeof value === "number") return value;
  const share = (Number(value.replace(/%$/, "")) * total) / 100;
  return rounding === "up" ? Math.ceil(share) : Math.floor(share);
}

/** Counts as the API prints them: those that are 0 are left away. */
export const withoutZeros = <T extends Record<string, number>>(counts: T): Partial<T> =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0)) as Partial<T>;

/** Nothing, or nothing of any total. */
export const isNone = (value: number | string | undefined): boolean =>
  value === undefined || value === 0 || (typeof value === "string" && Number(value.replace(/%$/, "")) === 0);
