import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { pidsOf } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** One process that has so much memory of its own, and keeps it: tail waits for the end of what it was given. */
const holder = (name: string, mebibytes: number, more: object = {}) =>
  sh(
    name,
    `mkfifo /f; (dd if=/dev/zero bs=1M count=${mebibytes} 2>/dev/null; sleep 3600) > /f & exec tail -c ${mebibytes << 20} /f`,
    more,
  );

describe("spec.resources (S39)", () => {
  it("is one limit for all containers: of two that take 40 MiB of 64, one is killed, and the sandbox lives", async () => {
    const spec = { resources: { limits: { memory: "64Mi", cpu: "1" } } };
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", [holder("a", 40), holder("b", 40)], spec))]);
    const status = await eventually(
      async () => {
        const { status } = await tspod.inspect("p");
        const ended = status.containerStatuses.filter((one: { state: object }) => "terminated" in one.state);
        return ended.length > 0 ? status : undefined;
      },
      { what: "a container that is killed" },
    );
    const ended = status.containerStatuses.flatMap(
      (one: { state: { terminated?: object } }) => one.state.terminated ?? [],
    );
    expect(ended).toEqual([expect.objectContaining({ exitCode: 137, reason: "OOMKilled" })]);
    const { infra } = await pidsOf(tspod, "p");
    expect(readFileSync(`/proc/${infra}/status`, "utf8")).toMatch(/^State:\tS/m);
    expect((await tspod.inspect("p")).status.podIP).toBe(status.podIP);
    await tspod.ok(["rm", "-f", "p"]);
  });

  it("is the parent of the containers' cgroups, in every hierarchy that limits", async () => {
    const spec = { resources: { limits: { memory: "64Mi" } } };
    const own = { resources: { limits: { memory: "16Mi" } } };
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", [idle("a"), idle("b", own)], spec))]);
    const { of } = await pidsOf(tspod, "p");
    const folders = (name: string) =>
      readFileSync(`/proc/${of(name)}/cgroup`, "utf8")
        .trim()
        .split("\n");
    const parents = (name: string) =>
      folders(name)
        .filter((line) => line.includes("tspod"))
        .map((line) => line.replace(/\/[^/]*$/, ""));
    expect(parents("a").length).toBeGreaterThan(0);
    expect(parents("a")).toEqual(parents("b"));
    for (const line of parents("a")) expect(line).toMatch(/\/pod[0-9a-f-]{36}$/);
    const inspected = await tspod.inspect("p");
    expect(inspected.status.qosClass).toBe("Burstable");
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("resizePolicy", () => {
  it("says which container is started anew for its new limits, and which has them at once", async () => {
    const limits = { cpu: "100m", memory: "64Mi" };
    const resizePolicy = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
    const containers = [
      idle("a", { resources: { limits } }),
      idle("b", { resources: { limits }, resizePolicy }),
    ];
    await tspod.ok(["run", "-d", tspod.manifest(pod("p", containers, { restartPolicy: "Always" }))]);
    const before = await pidsOf(tspod, "p");
    const both = ["--limits=memory=96Mi", "--requests=memory=96Mi"];
    await tspod.ok(["set", "resources", "pod/p", ...both]);
    const restarts = await eventually(async () => {
      const { status } = await tspod.inspect("p");
      const counts = status.containerStatuses.map((one: { restartCount: number }) => one.restartCount);
      return counts[1] > 0 && status.containerStatuses[1].state.running ? counts : undefined;
    });
    expect(restarts).toEqual([0, 1]);
    const after = await pidsOf(tspod, "p");
    expect(after.of("a")).toBe(before.of("a"));
    expect(after.of("b")).not.toBe(before.of("b"));
    for (const name of ["a", "b"]) {
      const files = "cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max 2>/dev/null";
      const limit = await tspod.run(["exec", "-c", name, "p", "--", "sh", "-c", files]);
      expect(limit.stdout.trim()).toBe(String(96 << 20));
    }
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("the QoS class", () => {
  const limits = { cpu: "100m", memory: "32Mi" };

  it.each([
    ["Guaranteed", { resources: { limits, requests: limits } }, -997],
    ["Burstable", { resources: { limits } }, undefined],
    ["BestEffort", {}, 1000],
  ])("%s decides who is killed first, as far as this machine lets it", async (qos, more, wanted) => {
    const containers = [idle("a", more), ...(qos === "Burstable" ? [idle("b")] : [])];
    const { code, stderr } = await tspod.run(["run", "-d", tspod.manifest(pod("p", containers))]);
    expect(code).toBe(0);
    expect((await tspod.inspect("p")).status.qosClass).toBe(qos);
    const { of } = await pidsOf(tspod, "p");
    const score = Number(readFileSync(`/proc/${of("a")}/oom_score_adj`, "utf8"));
    const own = Number(readFileSync("/proc/self/oom_score_adj", "utf8"));
    // Without CAP_SYS_RESOURCE a score can only be raised; then ours stays, and that is said.
    if (wanted !== undefined && wanted < own && score === own)
      expect(stderr).toContain(
        `container a: oom_score_adj ${wanted} (QoS class ${qos}) needs CAP_SYS_RESOURCE`,
      );
    else if (wanted === undefined) expect(score).toBeGreaterThan(1);
    else expect(score).toBe(wanted);
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("huge pages", () => {
  const asking = (more: object = {}) =>
    idle("a", { resources: { limits: { "hugepages-2Mi": "4Mi", memory: "32Mi" } }, ...more });
  const capacity = () => {
    const file = "/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages";
    return Number(readFileSync(file, "utf8")) * (2 << 20);
  };

  it("that the machine does not have are refused in the kubelet's words", async () => {
    if (capacity() >= 4 << 20) return;
    const refused = await tspod.run(["run", "-d", tspod.manifest(pod("p", [asking()]))]);
    expect(refused.code).toBe(3);
    expect(refused.stderr).toContain(
      `Pod was rejected: Node didn't have enough resource: hugepages-2Mi, requested: 4194304, used: 0, capacity: ${capacity()}`,
    );
    expect(refused.stderr).toContain("nr_hugepages");
    expect(await tspod.ok(["ps", "-a"])).not.toMatch(/^p /m);
  });

  it("for an emptyDir are refused where no container asks for them", async () => {
    const spec = { volumes: [{ name: "v", emptyDir: { medium: "HugePages" } }] };
    const refused = await tspod.run(["run", "-d", tspod.manifest(pod("p", [idle("a")], spec))]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      "hugePages storage requested, but there is no resource request for huge pages",
    );
  });
});
