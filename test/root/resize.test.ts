import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cgroupUsage } from "../../src/kernel/cgroup-usage.ts";
import type { PodSpec, ResourceRequirements } from "../../src/manifest/index.ts";
import { cgroupName } from "../../src/pod/plan-input.ts";
import { resizePod } from "../../src/pod/resize.ts";
import { listPods } from "../../src/pod/views.ts";
import { openHost } from "../../src/runtime/open-host.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";
import { eventually, TspodRoot } from "../support/tspod.ts";

const tspod = new TspodRoot();
const host = openHost({ root: tspod.dir });
const Mi = 1 << 20;
let before: Snapshot;

const limits = (cpu: string, memory: string): ResourceRequirements => ({
  limits: { cpu, memory },
  requests: { cpu, memory },
});
const memory = [{ resourceName: "memory", restartPolicy: "RestartContainer" }];
// Ten mebibytes in use, in a file of memory.
const holding =
  "dd if=/dev/zero of=/dev/shm/x bs=1M count=10 2>/dev/null; echo held; while :; do sleep 1; done";

beforeAll(async () => {
  before = snapshot(tspod.dir);
  const containers = [
    idle("a", { resources: limits("200m", "64Mi") }),
    idle("b", { resources: limits("200m", "64Mi"), resizePolicy: memory }),
    sh("c", holding, { resources: limits("100m", "64Mi") }),
  ];
  await tspod.ok(["run", "-d", tspod.manifest(pod("p", containers, { restartPolicy: "Always" }))]);
  await eventually(async () => (await tspod.ok(["logs", "-c", "c", "p"])).includes("held"), {
    what: "a container that holds its memory",
  });
});
afterAll(async () => {
  await tspod.run(["rm", "-f", "p"]);
  await expectNoLeaks(before).finally(() => tspod.dispose());
});

const view = () => {
  const found = listPods(host).find(({ record }) => record.name === "p");
  if (!found) throw new Error("no pod p");
  return found;
};
const limitOf = (container?: string) => {
  const { uid } = view().record;
  const attempt = view()
    .containers.find(({ name }) => name === container)
    ?.attempts.at(-1)?.record.attempt;
  const leaf = container === undefined ? "" : `/${container}-${attempt}`;
  return cgroupUsage(host.facts().layout, `${cgroupName(host)}/pod${uid}${leaf}`).memoryLimitBytes;
};
const pids = () => view().containers.map(({ attempts }) => attempts.at(-1)?.record.process?.pid);
const given = (container: string, resources: ResourceRequirements) => (spec: PodSpec) => ({
  ...spec,
  containers: spec.containers.map((one) => (one.name === container ? { ...one, resources } : one)),
});

describe("resizing a pod that runs", () => {
  it("changes the limits of the container and of the pod in place, up and down, and the record", () => {
    const processes = pids();
    for (const mebibytes of [128, 32, 64]) {
      const done = resizePod(host, view(), given("a", limits("200m", `${mebibytes}Mi`)));
      expect(done).toMatchObject({ inPlace: ["a"], restart: [] });
      expect(limitOf("a")).toBe(mebibytes * Mi);
      expect(limitOf()).toBe((mebibytes + 128) * Mi);
      expect(view().record.pod.spec?.containers[0]?.resources?.limits?.memory).toBe(`${mebibytes}Mi`);
    }
    expect(pids()).toEqual(processes);
  });

  it("leaves the limits of a container that wants a restart to that restart", () => {
    const done = resizePod(host, view(), given("b", limits("200m", "96Mi")));
    expect(done).toMatchObject({ inPlace: [], restart: ["b"] });
    expect(limitOf("b")).toBe(64 * Mi);
    resizePod(host, view(), given("b", limits("200m", "64Mi")));
  });

  it("refuses a memory limit below what is in use, and changes nothing", () => {
    const record = JSON.stringify(view().record);
    expect(() => resizePod(host, view(), given("c", limits("100m", "8Mi")))).toThrow(
      /container "c" memory limit \(8388608\) below current usage \(\d+\)/,
    );
    expect(limitOf("c")).toBe(64 * Mi);
    expect(JSON.stringify(view().record)).toBe(record);
  });

  it("takes back what it has written when the kernel refuses a part", () => {
    const record = JSON.stringify(view().record);
    const write = host.kernel.cgroupWrite;
    let writes = 0;
    host.kernel.cgroupWrite = (file, value) => {
      writes += 1;
      if (writes === 3)
        throw Object.assign(new Error("write failed"), { code: "EBUSY", syscall: "write", path: file });
      write(file, value);
    };
    try {
      expect(() => resizePod(host, view(), given("a", limits("400m", "256Mi")))).toThrow("EBUSY");
    } finally {
      host.kernel.cgroupWrite = write;
    }
    expect([limitOf("a"), limitOf()]).toEqual([64 * Mi, 192 * Mi]);
    expect(JSON.stringify(view().record)).toBe(record);
  });

  it.each([
    [
      { ...limits("200m", "64Mi"), limits: { cpu: "200m" } },
      "spec.containers[0].resources.limits: Forbidden: resource limits cannot be removed",
    ],
    [
      { limits: { cpu: "400m", memory: "64Mi" }, requests: { cpu: "200m", memory: "64Mi" } },
      'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing',
    ],
    [
      { ...limits("200m", "64Mi"), limits: { cpu: "200m", memory: "64Mi", "ephemeral-storage": "1Gi" } },
      "spec.containers[0].resources.limits: Forbidden: only cpu and memory resources are mutable",
    ],
  ])("refuses what the API refuses: %j", (resources, words) => {
    expect(() => resizePod(host, view(), given("a", resources))).toThrow(`The Pod "p" is invalid: ${words}`);
  });
});
