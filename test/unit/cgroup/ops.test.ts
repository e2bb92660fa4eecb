import { describe, expect, it } from "vitest";
import {
  type CgroupLayout,
  containerCgroupOps,
  containerCgroupRemovalOps,
  oomScoreOps,
  podCgroupOps,
  podCgroupRemovalOps,
} from "../../../src/cgroup/index.ts";
import type { PodSpec } from "../../../src/manifest/index.ts";
import type { HostOp } from "../../../src/plan/host-op.ts";

const v2: CgroupLayout = {
  mode: "v2",
  unified: "/sys/fs/cgroup",
  unifiedControllers: ["cpuset", "cpu", "io", "memory", "hugetlb", "pids"],
  v1: {},
  swapLimit: true,
  hugePageSizes: ["2MB", "1GB"],
  kill: true,
};
const c = "/sys/fs/cgroup";
const hybrid: CgroupLayout = {
  ...v2,
  mode: "hybrid",
  unified: `${c}/unified`,
  unifiedControllers: ["hugetlb"],
  v1: {
    cpu: `${c}/cpu`,
    cpuacct: `${c}/cpuacct`,
    memory: `${c}/memory`,
    pids: `${c}/pids`,
    devices: `${c}/devices`,
  },
};
const v1: CgroupLayout = {
  ...hybrid,
  mode: "v1",
  unified: "",
  unifiedControllers: [],
  v1: {
    cpu: `${c}/cpu,cpuacct`,
    cpuacct: `${c}/cpu,cpuacct`,
    memory: `${c}/memory`,
    pids: `${c}/pids`,
    devices: `${c}/devices`,
  },
};
const host = { memoryBytes: 2 ** 34, processLimit: 32_768, oomScoreAdj: 0, sysResource: false };
const spec: PodSpec = {
  containers: [
    { name: "web", resources: { limits: { cpu: "500m", memory: "64Mi" }, requests: { cpu: "250m" } } },
    { name: "side", resources: { limits: { cpu: "100m", memory: "32Mi" } } },
  ],
};
const base = { name: "tspod", uid: "u1" };
const pod = (layout: CgroupLayout, of = spec) => podCgroupOps({ ...base, layout, host, spec: of });
const web = (layout: CgroupLayout, of = spec, index = 0) =>
  containerCgroupOps({ ...base, layout, spec: of, container: of.containers[index] as never, attempt: 2 });

/** `path=value` of every write, and plain paths of what is made, in order. */
const lines = (ops: readonly HostOp[], root = "") =>
  ops
    .map((op) =>
      op.op === "cgroup-set" ? `${op.path}=${op.value}` : "path" in op ? `${op.op} ${op.path}` : op.op,
    )
    .map((line) => line.replaceAll(`${root}/`, ""));

describe("on a v2 host", () => {
  it("makes one pod cgroup, hands controllers down before children are made, and sets the pod's limits", () => {
    expect(lines(pod(v2).hostOps, c)).toEqual([
      "cgroup-create tspod",
      "cgroup.subtree_control=+cpu +memory +pids +hugetlb",
      "tspod/cgroup.subtree_control=+cpu +memory +pids +hugetlb",
      "cgroup-create tspod/podu1",
      "tspod/podu1/cgroup.subtree_control=+cpu +memory +pids +hugetlb",
      "cgroup-create tspod/podu1/infra",
      "tspod/podu1/cpu.weight=45",
      "tspod/podu1/cpu.max=60000 100000",
      "tspod/podu1/memory.max=100663296",
      "tspod/podu1/memory.swap.max=0",
      "tspod/podu1/pids.max=16384",
      "tspod/podu1/hugetlb.2MB.max=0",
      "tspod/podu1/hugetlb.1GB.max=0",
    ]);
    expect(pod(v2).infra).toEqual({ directory: `${c}/tspod/podu1/infra`, tasks: [] });
    expect(pod(v2).kill).toBe(`${c}/tspod/podu1`);
    expect(pod(v2).warnings).toEqual([]);
  });

  it("limits a container, kills it whole when out of memory, and bounds its devices by a program", () => {
    const { hostOps, enter, oomFile, kill, warnings } = web(v2);
    expect(lines(hostOps, c)).toEqual([
      "cgroup-create tspod/podu1/web-2",
      "tspod/podu1/web-2/cpu.weight=35",
      "tspod/podu1/web-2/cpu.max=50000 100000",
      "tspod/podu1/web-2/memory.max=67108864",
      "tspod/podu1/web-2/memory.swap.max=0",
      "tspod/podu1/web-2/memory.oom.group=1",
      "tspod/podu1/web-2/hugetlb.2MB.max=0",
      "tspod/podu1/web-2/hugetlb.1GB.max=0",
      "cgroup-devices-bpf tspod/podu1/web-2",
    ]);
    expect(enter).toEqual({ directory: `${c}/tspod/podu1/web-2`, tasks: [] });
    expect(oomFile).toBe(`${c}/tspod/podu1/web-2/memory.events`);
    expect(kill).toBe(`${c}/tspod/podu1/web-2`);
    expect(warnings).toEqual([]);
  });

  it("names the field that asked for each limit", () => {
    const reasons = web(v2).hostOps.flatMap((op) => (op.op === "cgroup-set" ? [op.because] : []));
    expect(reasons.slice(0, 3)).toEqual([
      "spec.containers[0].resources.requests.cpu",
      "spec.containers[0].resources.limits.cpu",
      "spec.containers[0].resources.limits.memory",
    ]);
  });

  it("takes all away by one removal, and the top folder with the last pod", () => {
    expect(lines(podCgroupRemovalOps(v2, "tspod", "u1"), c)).toEqual([
      "cgroup-remove tspod/podu1",
      "cgroup-remove-if-empty tspod",
    ]);
  });
});

describe("on a hybrid host", () => {
  it("tracks in the v2 tree and limits in v1, with the holder in the v2 tree only", () => {
    const { hostOps, infra, kill } = pod(hybrid);
    expect(lines(hostOps, c)).toEqual([
      ...["unified", "pids", "memory", "cpu", "devices"].flatMap((root) => [
        `cgroup-create ${root}/tspod`,
        `cgroup-create ${root}/tspod/podu1`,
      ]),
      "cgroup-create unified/tspod/podu1/infra",
      "cpu/tspod/podu1/cpu.shares=358",
      "cpu/tspod/podu1/cpu.cfs_quota_us=60000",
      "memory/tspod/podu1/memory.limit_in_bytes=100663296",
      "memory/tspod/podu1/memory.memsw.limit_in_bytes=100663296",
      "pids/tspod/podu1/pids.max=16384",
    ]);
    expect(infra).toEqual({ directory: `${c}/unified/tspod/podu1/infra`, tasks: [] });
    expect(kill).toBe(`${c}/unified/tspod/podu1`);
  });

  it("enters the v2 leaf at birth and the v1 leaves by their tasks files", () => {
    const { enter, oomFile } = web(hybrid);
    expect(enter).toEqual({
      directory: `${c}/unified/tspod/podu1/web-2`,
      tasks: ["pids", "memory", "cpu", "devices"].map((root) => `${c}/${root}/tspod/podu1/web-2/tasks`),
    });
    expect(oomFile).toBe(`${c}/memory/tspod/podu1/web-2/memory.oom_control`);
  });

  it("bounds devices by the v1 controller: all denied, then the default ones allowed", () => {
    const devices = lines(web(hybrid).hostOps, `${c}/devices/tspod/podu1/web-2`).filter((line) =>
      line.startsWith("devices."),
    );
    expect(devices[0]).toBe("devices.deny=a");
    expect(devices.slice(1)).toEqual([
      "devices.allow=c *:* m",
      "devices.allow=b *:* m",
      "devices.allow=c 1:3 rwm",
      "devices.allow=c 1:5 rwm",
      "devices.allow=c 1:7 rwm",
      "devices.allow=c 1:8 rwm",
      "devices.allow=c 1:9 rwm",
      "devices.allow=c 5:0 rwm",
      "devices.allow=c 5:2 rwm",
      "devices.allow=c 136:* rwm",
    ]);
  });

  it("turns on nothing in the v2 tree unless a pod asks for huge pages", () => {
    expect(lines(pod(hybrid).hostOps).join("\n")).not.toContain("subtree_control");
    const huge: PodSpec = {
      containers: [{ name: "web", resources: { limits: { "hugepages-2Mi": "4Mi" } } }],
    };
    const text = lines([...pod(hybrid, huge).hostOps, ...web(hybrid, huge).hostOps], c).join("\n");
    expect(text).toContain("unified/cgroup.subtree_control=+hugetlb");
    expect(text).toContain("unified/tspod/podu1/hugetlb.2MB.max=4194304");
    expect(text).toContain("unified/tspod/podu1/web-2/hugetlb.2MB.max=4194304");
    expect(text).toContain("unified/tspod/podu1/web-2/hugetlb.1GB.max=0");
  });

  it("removes from the tracking tree first, for that empties the others", () => {
    const removal = lines(podCgroupRemovalOps(hybrid, "tspod", "u1"), c);
    expect(removal[0]).toBe("cgroup-remove unified/tspod/podu1");
    expect(removal).toHaveLength(10);
    const attempt = { ...base, layout: hybrid, spec, container: spec.containers[0] as never, attempt: 2 };
    expect(lines(containerCgroupRemovalOps(attempt), c)[0]).toBe("cgroup-remove unified/tspod/podu1/web-2");
  });
});

describe("on a v1 host", () => {
  it("tracks in the first hierarchy, and uses hierarchies mounted together once", () => {
    const { infra, kill, hostOps } = pod(v1);
    expect(infra).toEqual({ directory: "", tasks: [`${c}/pids/tspod/podu1/infra/tasks`] });
    expect(kill).toBe(`${c}/pids/tspod/podu1`);
    const made = lines(hostOps, c).filter((line) => line.startsWith("cgroup-create cpu"));
    expect(made).toEqual(["cgroup-create cpu,cpuacct/tspod", "cgroup-create cpu,cpuacct/tspod/podu1"]);
    expect(web(v1).enter.directory).toBe("");
    expect(web(v1).enter.tasks).toHaveLength(4);
  });
});

describe("limits", () => {
  it("a pod has a limit only if every container has one, or it has its own", () => {
    const partly: PodSpec = { containers: [spec.containers[0] as never, { name: "free" }] };
    expect(lines(pod(v2, partly).hostOps).join("\n")).not.toMatch(/memory\.max|cpu\.max/);
    const own: PodSpec = { ...partly, resources: { limits: { memory: "128Mi" } } };
    expect(lines(pod(v2, own).hostOps, c)).toContain("tspod/podu1/memory.max=134217728");
  });

  it("a container without a limit has the pod's own", () => {
    const own: PodSpec = {
      containers: [{ name: "web" }, { name: "b" }],
      resources: { limits: { memory: "64Mi", cpu: "2" } },
    };
    const text = lines(web(v2, own).hostOps, c);
    expect(text).toContain("tspod/podu1/web-2/memory.max=67108864");
    expect(text).toContain("tspod/podu1/web-2/cpu.max=200000 100000");
    expect(text).toContain("tspod/podu1/web-2/cpu.weight=174");
  });

  it("a best-effort pod has the least share and no limit", () => {
    const text = lines(pod(v2, { containers: [{ name: "a" }] }).hostOps, c);
    expect(text).toContain("tspod/podu1/cpu.weight=1");
    expect(text.join("\n")).not.toMatch(/(memory|cpu)\.max/);
  });

  it("a limit with no controller is a warning that names the field", () => {
    const bare: CgroupLayout = { ...v2, unifiedControllers: ["pids"] };
    const { warnings } = web(bare);
    expect(warnings).toEqual([
      "spec.containers[0].resources.requests.cpu: this host has no cpu cgroup controller, so it is not enforced",
      "spec.containers[0].resources.limits.cpu: this host has no cpu cgroup controller, so it is not enforced",
      "spec.containers[0].resources.limits.memory: this host has no memory cgroup controller, so it is not enforced",
    ]);
    expect(web(bare).oomFile).toBe("");
    const huge: PodSpec = {
      containers: [{ name: "web", resources: { limits: { "hugepages-2Mi": "4Mi" } } }],
    };
    expect(web(bare, huge).warnings.join()).toContain("hugepages-2Mi");
    expect(pod(bare, { containers: [{ name: "a" }] }).warnings).toEqual([]);
  });

  it("a privileged container may use every device", () => {
    const privileged: PodSpec = { containers: [{ name: "web", securityContext: { privileged: true } }] };
    for (const layout of [v2, hybrid]) {
      expect(lines(web(layout, privileged).hostOps).join("\n")).not.toMatch(
        /devices\.(deny|allow)|devices-bpf/,
      );
    }
  });

  it.each(["../x", "a/b", "", ".", "..", "x\n", "cgroup.procs"])(
    "refuses the uid %j, which would name another folder",
    (uid) => {
      expect(() => podCgroupOps({ ...base, uid, layout: v2, host, spec })).toThrow(
        /cannot be the name of a cgroup/,
      );
    },
  );

  it("says what it lacks where there are no cgroups at all", () => {
    const none: CgroupLayout = { ...v2, mode: "none", unified: "", unifiedControllers: [] };
    expect(() => pod(none)).toThrow(/no cgroup hierarchy is mounted/);
  });
});

describe("oomScoreOps", () => {
  const guaranteed: PodSpec = {
    containers: [{ name: "a", resources: { limits: { cpu: "1", memory: "1Gi" } } }],
  };
  const of = (each: PodSpec, facts = host) => oomScoreOps(each, each.containers[0] as never, facts);

  it("writes the score, raising it needs nothing", () => {
    expect(of({ containers: [{ name: "a" }] }).ops).toEqual([
      { op: "proc-write", path: "self/oom_score_adj", data: "1000" },
    ]);
  });

  it("keeps its own with a warning where CAP_SYS_RESOURCE is missing to lower it", () => {
    expect(of(guaranteed).ops).toEqual([]);
    expect(of(guaranteed).warnings[0]).toMatch(/container a: oom_score_adj -997 .* needs CAP_SYS_RESOURCE/);
    expect(of(guaranteed, { ...host, sysResource: true }).ops).toHaveLength(1);
  });
});
