import { type FactSource, hostSource } from "./source.ts";

/** Whether this machine swaps, and a tmpfs can be kept out of it: option noswap, Linux 6.4, the initial user namespace. */
export function swapCanBeAvoided(source: FactSource = hostSource): boolean {
  const [, first] = (source.read("/proc/swaps") ?? "").split("\n");
  if (!first || !/^\s*0\s+0\s+4294967295\s*$/.test(source.read("/proc/self/uid_map") ?? "")) return false;
  const release = source.read("/proc/sys/kernel/osrelease") ?? "";
  const [major = 0, minor = 0] = release.split(".").map((part) => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 4);
}
