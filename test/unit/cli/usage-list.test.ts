import { describe, expect, it } from "vitest";
import { usageRows } from "../../../src/cli/render/usage-list.ts";
import type { PodUsage } from "../../../src/pod/usage.ts";

const usage = (cpuMilli: number, memoryBytes: number, pids: number) => ({
  cpuMilli,
  memoryBytes,
  pids,
  throttledPeriods: 0,
});

const pods = [
  {
    view: { record: { name: "web" } },
    total: usage(201, 3 * 1024 * 1024 + 1, 5),
    containers: [
      { name: "a", usage: usage(200, 1024 * 1024, 2) },
      { name: "b", usage: usage(1, 0, 3) },
    ],
  },
] as unknown as PodUsage[];

describe("top's columns", () => {
  it("are kubectl's, memory rounded up to whole Mi", () => {
    expect(usageRows(pods, { containers: false })).toEqual([
      ["NAME", "CPU(cores)", "MEMORY(bytes)", "PIDS"],
      ["web", "201m", "4Mi", "5"],
    ]);
  });

  it("name pod and container when asked for each container", () => {
    expect(usageRows(pods, { containers: true })).toEqual([
      ["POD", "NAME", "CPU(cores)", "MEMORY(bytes)", "PIDS"],
      ["web", "a", "200m", "1Mi", "2"],
      ["web", "b", "1m", "0Mi", "3"],
    ]);
  });
});
