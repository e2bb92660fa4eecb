import { describe, expect, it } from "vitest";
import { sortUsages, usageRows } from "../../../src/cli/render/usage-list.ts";
import type { PodUsage } from "../../../src/pod/usage.ts";

const usage = (cpuMilli: number, memoryBytes: number, pids: number) => ({
  cpuMilli,
  memoryBytes,
  pids,
  throttledPeriods: 0,
});

const pods = [
  {
    view: { record: { name: "web", namespace: "shop" } },
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

  it("have a namespace, no heading and a sum where asked for", () => {
    expect(usageRows(pods, { containers: false, namespaces: true, headers: false, sum: true })).toEqual([
      ["shop", "web", "201m", "4Mi", "5"],
      ["", "", "________", "________", "________"],
      ["", "", "201m", "4Mi", "5"],
    ]);
  });

  it("put the largest first, of pods and of a pod's containers", () => {
    const [web] = pods as [PodUsage];
    const small = { ...web, total: usage(300, 1, 1) } as PodUsage;
    expect(sortUsages([web, small], "cpu").map(({ total }) => total.cpuMilli)).toEqual([300, 201]);
    const [first] = sortUsages([small, web], "memory");
    expect(first?.total.memoryBytes).toBe(web.total.memoryBytes);
    const turned = { ...web, containers: [...web.containers].reverse() };
    expect(sortUsages([turned], "cpu")[0]?.containers.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(sortUsages([turned], undefined)[0]?.containers.map(({ name }) => name)).toEqual(["b", "a"]);
  });
});
