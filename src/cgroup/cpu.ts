/** CFS period that Kubernetes uses, µs. Also the kernel's default, so it need not be written on v1. */
export const cpuPeriod = 100_000;
const minQuota = 1000;
const minShares = 2;
const maxShares = 262_144;

/** CPU shares (v1 scale, 1024 a CPU) of a request in thousandths of a CPU; none at all counts as the least. */
export function cpuShares(milli: number): number {
  return Math.min(maxShares, Math.max(minShares, Math.floor((milli * 1024) / 1000)));
}

/**
 * v2 weight of v1 shares. The runtimes' present curve passes through both ends and through the defaults
 * (2→1, 1024→100, 262144→10000); the straight line used before gave a container of one CPU a weight of 39
 * beside the 100 of every other process of the host (kubernetes/kubernetes#131216).
 */
export function cpuWeight(shares: number): number {
  if (shares <= minShares) return 1;
  if (shares >= maxShares) return 10_000;
  const log = Math.log2(shares);
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

/** CFS quota in µs per `cpuPeriod`, at least 1 ms (the kernel's least); 0 when there is no limit. */
export function cpuQuota(milli: number): number {
  return milli === 0 ? 0 : Math.max(minQuota, Math.floor((milli * cpuPeriod) / 1000));
}
