import { describe, expect, it } from "vitest";
import type { CgroupLayout } from "../../../src/cgroup/index.ts";
import { planResize, type ResizeInput } from "../../../src/cgroup/resize.ts";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";

const base = { swapLimit: true, hugePageSizes: [], kill: true };
const v2: CgroupLayout = {
  ...base,
  mode: "v2",
  unified: "/cg",
  unifiedControllers: ["cpu", "memory", "pids"],
  v1: {},
};
const hybrid: CgroupLayout = {
  ...base,
  mode: "hybrid",
  unified: "/cg/unified",
  unifiedControllers: [],
  v1: { cpu: "/cg/cpu", memory: "/cg/memory", pids: "/cg/pids" },
};
const v1: CgroupLayout = { ...hybrid, mode: "v1", unified: "" };

const container = (name: string, cpu: string, memory: string, more: Partial<Container> = {}): Container => ({
  name,
  resources: { limits: { cpu, memory }, requests: { cpu, memory } },
  ...more,
});
const Mi = 1 << 20;

function resize(
  layout: CgroupLayout,
  before: Container[],
  after: Container[],
  more: Partial<ResizeInput> = {},
) {
  return planResize({
    layout,
    name: "tspod",
    uid: "u",
    host: { memoryBytes: 1 << 30, processLimit: 32768, oomScoreAdj: 0, sysResource: true },
    before: { containers: before } as PodSpec,
    after: { containers: after } as PodSpec,
    running: new Map(after.map(({ name }) => [name, 2])),
    usage: { containers: new Map() },
    ...more,
  });
}
const written = ({ ops }: ReturnType<typeof resize>) =>
  ops.map((op) => (op.op === "cgroup-set" ? `${op.path.replace("/cg", "")} ${op.value}` : op.op));

const one = [container("a", "500m", "64Mi")];

describe("a resize in place", () => {
  it("on v2 grows the pod first", () => {
    expect(written(resize(v2, one, [container("a", "1", "128Mi")]))).toEqual([
      "/tspod/podu/cpu.weight 100",
      "/tspod/podu/cpu.max 100000 100000",
      "/tspod/podu/memory.max 134217728",
      "/tspod/podu/a-2/cpu.weight 100",
      "/tspod/podu/a-2/cpu.max 100000 100000",
      "/tspod/podu/a-2/memory.max 134217728",
    ]);
  });

  it("on v2 shrinks the pod last", () => {
    const paths = written(resize(v2, one, [container("a", "500m", "32Mi")]));
    expect(paths).toEqual(["/tspod/podu/a-2/memory.max 33554432", "/tspod/podu/memory.max 33554432"]);
  });

  it("on v1 and hybrid keeps memory plus swap at least at memory, whichever way it goes", () => {
    for (const layout of [v1, hybrid]) {
      expect(written(resize(layout, one, [container("a", "500m", "128Mi")]))).toEqual([
        "/memory/tspod/podu/memory.memsw.limit_in_bytes 134217728",
        "/memory/tspod/podu/memory.limit_in_bytes 134217728",
        "/memory/tspod/podu/a-2/memory.memsw.limit_in_bytes 134217728",
        "/memory/tspod/podu/a-2/memory.limit_in_bytes 134217728",
      ]);
      expect(written(resize(layout, one, [container("a", "250m", "32Mi")]))).toEqual([
        "/cpu/tspod/podu/a-2/cpu.shares 256",
        "/cpu/tspod/podu/a-2/cpu.cfs_quota_us 25000",
        "/memory/tspod/podu/a-2/memory.limit_in_bytes 33554432",
        "/memory/tspod/podu/a-2/memory.memsw.limit_in_bytes 33554432",
        "/cpu/tspod/podu/cpu.shares 256",
        "/cpu/tspod/podu/cpu.cfs_quota_us 25000",
        "/memory/tspod/podu/memory.limit_in_bytes 33554432",
        "/memory/tspod/podu/memory.memsw.limit_in_bytes 33554432",
      ]);
    }
  });

  it("can be taken back, last write first", () => {
    const { ops, undo } = resize(v2, one, [container("a", "500m", "32Mi")]);
    expect(undo).toEqual([...ops].reverse().map((op) => ({ ...op, value: String(64 * Mi) })));
  });

  it("touches what changes alone, and containers that run", () => {
    const two = [...one, container("b", "100m", "32Mi")];
    expect(written(resize(v2, two, two))).toEqual([]);
    const after = [...one, container("b", "100m", "48Mi")];
    expect(written(resize(v2, two, after))).toEqual([
      `/tspod/podu/memory.max ${112 * Mi}`,
      `/tspod/podu/b-2/memory.max ${48 * Mi}`,
    ]);
    expect(written(resize(v2, two, after, { running: new Map([["a", 0]]) }))).toEqual([
      `/tspod/podu/memory.max ${112 * Mi}`,
    ]);
  });

  it("brings and takes limits where there were none", () => {
    const bare: Container = { name: "a", resources: {} };
    const paths = written(resize(v2, [bare], one));
    expect(paths).toContain("/tspod/podu/a-2/memory.max 67108864");
    expect(written(resize(v2, one, [bare]))).toEqual(
      expect.arrayContaining([
        "/tspod/podu/a-2/memory.max max",
        "/tspod/podu/a-2/cpu.max max 100000",
        "/tspod/podu/memory.max max",
      ]),
    );
    expect(written(resize(hybrid, one, [bare]))).toEqual(
      expect.arrayContaining([
        "/memory/tspod/podu/a-2/memory.limit_in_bytes -1",
        "/cpu/tspod/podu/a-2/cpu.cfs_quota_us -1",
      ]),
    );
  });

  it("knows the pod's own resources", () => {
    const spec = (memory: string): PodSpec => ({
      containers: [{ name: "a" }],
      resources: { limits: { memory } },
    });
    const plan = resize(v2, [], [], {
      before: spec("64Mi"),
      after: spec("96Mi"),
      running: new Map([["a", 0]]),
    });
    expect(written(plan)).toEqual([
      `/tspod/podu/memory.max ${96 * Mi}`,
      `/tspod/podu/a-0/memory.max ${96 * Mi}`,
    ]);
  });
});

describe("resizePolicy", () => {
  const policy = (resourceName: string) => ({
    resizePolicy: [{ resourceName, restartPolicy: "RestartContainer" }],
  });

  it("RestartContainer leaves the container's limits to its next attempt, the pod's change at once", () => {
    const plan = resize(
      v2,
      [container("a", "1", "64Mi", policy("memory"))],
      [container("a", "1", "128Mi", policy("memory"))],
    );
    expect(plan.restart).toEqual(["a"]);
    expect(written(plan)).toEqual([`/tspod/podu/memory.max ${128 * Mi}`]);
  });

  it("counts for the resource it names", () => {
    const [before, after] = [
      container("a", "1", "64Mi", policy("cpu")),
      container("a", "1", "128Mi", policy("cpu")),
    ];
    expect(resize(v2, [before], [after]).restart).toEqual([]);
    const never = { resizePolicy: [{ resourceName: "memory", restartPolicy: "NotRequired" }] };
    expect(resize(v2, one, [container("a", "1", "128Mi", never)]).restart).toEqual([]);
  });
});

describe("a memory limit below what is in use", () => {
  const smaller = [container("a", "500m", "32Mi")];

  it("is refused, of a container and of the pod", () => {
    const usage = { containers: new Map([["a", 40 * Mi]]) };
    for (const layout of [v2, hybrid])
      expect(() => resize(layout, one, smaller, { usage })).toThrow(
        'attempting to set container "a" memory limit (33554432) below current usage (41943040)',
      );
    expect(() => resize(v2, one, smaller, { usage: { pod: 33 * Mi, containers: new Map() } })).toThrow(
      "attempting to set pod memory limit (33554432) below current usage (34603008)",
    );
  });

  it("is fine for one that is restarted, and what is in use may be up to the limit", () => {
    const restart = { resizePolicy: [{ resourceName: "memory", restartPolicy: "RestartContainer" }] };
    const [before, after] = [container("a", "1", "64Mi", restart), container("a", "1", "32Mi", restart)];
    const usage = { containers: new Map([["a", 40 * Mi]]) };
    expect(resize(v2, [before], [after], { usage }).restart).toEqual(["a"]);
    expect(() =>
      resize(v2, one, smaller, { usage: { containers: new Map([["a", 32 * Mi]]) } }),
    ).not.toThrow();
  });
});
