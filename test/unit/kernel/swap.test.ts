import { expect, it } from "vitest";
import { type FactSource, swapCanBeAvoided } from "../../../src/kernel/host-facts/index.ts";

const NONE = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n";
const FILE = `${NONE}/swap.img                               file\t\t4194300\t\t0\t\t-2\n`;
const INITIAL = { "/proc/self/uid_map": "         0          0 4294967295\n" };
const machine = (files: Record<string, string>): FactSource => ({
  read: (path) => files[path],
  bytes: () => undefined,
  list: () => [],
  exists: () => false,
});

it.each([
  [FILE, "6.8.0-45-generic", true],
  [FILE, "6.4.0", true],
  [FILE, "7.0.1", true],
  [FILE, "6.3.13", false],
  [FILE, "5.15.0-119-generic", false],
  [NONE, "6.8.0-45-generic", false],
])("a tmpfs is kept out of swap where there is any and the kernel can: %j on %s", (swaps, release, able) => {
  const files = { ...INITIAL, "/proc/swaps": swaps, "/proc/sys/kernel/osrelease": `${release}\n` };
  expect(swapCanBeAvoided(machine(files))).toBe(able);
});

it("a kernel without swap has none to avoid", () => {
  expect(swapCanBeAvoided(machine(INITIAL))).toBe(false);
});

it("inside another's user namespace it cannot be asked for", () => {
  const files = { "/proc/swaps": FILE, "/proc/sys/kernel/osrelease": "6.8.0\n" };
  expect(swapCanBeAvoided(machine(files))).toBe(false);
  expect(swapCanBeAvoided(machine({ ...files, "/proc/self/uid_map": "0 100000 65536\n" }))).toBe(false);
});
