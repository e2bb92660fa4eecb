import { describe, expect, it } from "vitest";
import { cpuQuota, cpuShares, cpuWeight } from "../../../src/cgroup/cpu.ts";
import { podPidsLimit } from "../../../src/cgroup/host.ts";
import { hugePageFileSize } from "../../../src/cgroup/huge-pages.ts";
import { oomScoreAdj } from "../../../src/cgroup/oom-score.ts";
import { podResources } from "../../../src/cgroup/resources.ts";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";

const gi = 2 ** 30;

function container(name: string, cpu: string, memory: string, restartPolicy?: string): Container {
  const resources = { requests: { cpu, memory }, limits: { cpu, memory } };
  return restartPolicy === undefined ? { name, resources } : { name, resources, restartPolicy };
}

describe("cpu", () => {
  it.each([
    [0, 2],
    [1, 2],
    [2, 2],
    [100, 102],
    [250, 256],
    [1000, 1024],
    [3500, 3584],
    [1_000_000, 262_144],
  ])("a request of %im is %i shares", (milli, shares) => {
    expect(cpuShares(milli)).toBe(shares);
  });

  it.each([
    [2, 1],
    [3, 2],
    [102, 17],
    [512, 59],
    [1024, 100],
    [2048, 174],
    [262_144, 10_000],
  ])("%i shares weigh %i on v2", (shares, weight) => {
    expect(cpuWeight(shares)).toBe(weight);
  });

  it("weights grow with shares and stay within the kernel's bounds", () => {
    let last = 0;
    for (let shares = 2; shares <= 262_144; shares = Math.ceil(shares * 1.1)) {
      const weight = cpuWeight(shares);
      expect(weight).toBeGreaterThanOrEqual(last);
      expect(weight).toBeGreaterThanOrEqual(1);
      expect(weight).toBeLessThanOrEqual(10_000);
      last = weight;
    }
  });

  it.each([
    [0, 0],
    [1, 1000],
    [10, 1000],
    [500, 50_000],
    [2500, 250_000],
  ])("a limit of %im is a quota of %i µs", (milli, quota) => {
    expect(cpuQuota(milli)).toBe(quota);
  });
});

describe("podResources", () => {
  it("adds up the containers", () => {
    const { requests, limits } = podResources({
      containers: [container("a", "100m", "64Mi"), container("b", "0.5", "1Gi")],
    });
    expect(requests).toEqual({ cpu: 600, memory: 64 * 2 ** 20 + gi });
    expect(limits).toEqual(requests);
  });

  it("counts the greatest init container instead where it needs more than all containers together", () => {
    const spec: PodSpec = {
      initContainers: [container("i", "2", "16Mi"), container("j", "1", "32Mi")],
      containers: [container("a", "100m", "64Mi")],
    };
    expect(podResources(spec).limits).toEqual({ cpu: 2000, memory: 64 * 2 ** 20 });
  });

  it("adds sidecars to the containers, and those started before to an init container", () => {
    const spec: PodSpec = {
      initContainers: [
        container("s1", "100m", "1Gi", "Always"),
        container("i", "500m", "3Gi"),
        container("s2", "100m", "1Gi", "Always"),
      ],
      containers: [container("a", "200m", "1Gi")],
    };
    expect(podResources(spec).requests).toEqual({ cpu: 600, memory: 4 * gi });
  });

  it("takes the pod's own where it has them, and its limit for a request nobody made", () => {
    const spec: PodSpec = {
      resources: { limits: { cpu: "1", memory: "64Mi" } },
      containers: [{ name: "a", resources: { requests: { cpu: "100m" } } }, { name: "b" }],
    };
    expect(podResources(spec)).toEqual({
      requests: { cpu: 100, memory: 64 * 2 ** 20 },
      limits: { cpu: 1000, memory: 64 * 2 ** 20 },
    });
  });

  it("takes a request left out from the limit", () => {
    const spec: PodSpec = { containers: [{ name: "a", resources: { limits: { cpu: "300m" } } }] };
    expect(podResources(spec).requests).toEqual({ cpu: 300 });
  });

  it("adds overhead to requests, and to limits that exist", () => {
    const spec: PodSpec = {
      overhead: { cpu: "50m", memory: "1Gi" },
      containers: [{ name: "a", resources: { limits: { cpu: "300m" } } }],
    };
    expect(podResources(spec)).toEqual({ requests: { cpu: 350, memory: gi }, limits: { cpu: 350 } });
  });
});

describe("oomScoreAdj", () => {
  const one = (resources: Container["resources"], rest: Partial<PodSpec> = {}): number => {
    const each: Container = resources === undefined ? { name: "a" } : { name: "a", resources };
    return oomScoreAdj({ containers: [each], ...rest }, each, 10 * gi);
  };

  it("protects guaranteed pods and node-critical ones, and gives up best-effort ones first", () => {
    const both = { cpu: "1", memory: "1Gi" };
    expect(one({ limits: both })).toBe(-997);
    expect(one(undefined)).toBe(1000);
    expect(one(undefined, { priority: 2_000_001_000 })).toBe(-997);
  });

  it.each([
    ["1Gi", 900],
    ["5Gi", 500],
    ["1Ki", 999],
    ["10Gi", 3],
    ["20Gi", 3],
  ])("a burstable container that asked for %s of 10Gi gets %i", (memory, score) => {
    expect(one({ requests: { memory } })).toBe(score);
  });

  it("never lets a sidecar die before the containers it serves", () => {
    const sidecar: Container = { name: "s", restartPolicy: "Always" };
    const main: Container = { name: "a", resources: { requests: { memory: "5Gi" } } };
    expect(oomScoreAdj({ containers: [main], initContainers: [sidecar] }, sidecar, 10 * gi)).toBe(500);
  });

  it("shares out what the pod asked for beyond its containers", () => {
    const a: Container = { name: "a", resources: { requests: { memory: "1Gi" } } };
    const spec: PodSpec = { containers: [a, { name: "b" }], resources: { requests: { memory: "5Gi" } } };
    expect(oomScoreAdj(spec, a, 10 * gi)).toBe(700);
  });
});

describe("other numbers", () => {
  it("a pod's processes are at most 16384 and half of the host's", () => {
    const host = { memoryBytes: 0, oomScoreAdj: 0, sysResource: false };
    expect(podPidsLimit({ ...host, processLimit: 4_194_304 })).toBe(16_384);
    expect(podPidsLimit({ ...host, processLimit: 9001 })).toBe(4500);
  });

  it.each([
    ["2Mi", "2MB"],
    ["1Gi", "1GB"],
    ["64Ki", "64KB"],
    ["16Gi", "16GB"],
  ])("huge pages of %s are %s to the kernel", (size, file) => {
    expect(hugePageFileSize(size)).toBe(file);
  });
});
