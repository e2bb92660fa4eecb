import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type CgroupLayout, deviceProgram, podCgroupRemovalOps } from "../../../src/cgroup/index.ts";
import {
  cgroupPids,
  cgroupPopulated,
  createCgroup,
  killCgroup,
  removeCgroup,
  removeCgroupIfEmpty,
  writeCgroup,
} from "../../../src/kernel/cgroup-fs.ts";
import { cgroupUsage, oomKillCount } from "../../../src/kernel/cgroup-usage.ts";
import type { PodSpec } from "../../../src/manifest/index.ts";
import { carryOut, layout, left, outcome, pod, read, runIn, until } from "./world.ts";

const limited = (limits: Record<string, string>, more: PodSpec["containers"] = []): PodSpec => ({
  containers: [{ name: "a", resources: { limits } }, ...more],
});
const mib = 2 ** 20;
/** Takes memory by keeping a growing string; busybox's own applet, no file cache. */
const hog = (megabytes: number) => `dd if=/dev/zero of=/dev/null bs=${megabytes}M count=1; echo survived`;

/** The host as one without v2 tree, or with the v2 tree alone, as far as this machine can play them. */
const v1Only: CgroupLayout = { ...layout, mode: "v1", unified: "", unifiedControllers: [] };
const layouts: [string, CgroupLayout][] = [["this host", layout]];
if (layout.v1.memory !== undefined) layouts.push(["the v1 hierarchies alone", v1Only]);

describe.each(layouts)("limits on %s", (_name, of) => {
  it("a container over its memory is killed, and the kill is counted where the monitor looks", async () => {
    const leaf = pod(limited({ memory: "32Mi" }), of).container(0);
    expect(oomKillCount(leaf.oomFile)).toBe(0);
    expect(await outcome(runIn(leaf, `${hog(8)}`))).toMatchObject({ code: 0 });
    const { output } = await outcome(runIn(leaf, hog(64)));
    expect(output).toContain("Killed");
    expect(oomKillCount(leaf.oomFile)).toBeGreaterThan(0);
  });

  it("a container may use a share of the CPU only", async () => {
    const world = pod(limited({ cpu: "100m" }), of);
    const leaf = world.container(0);
    const busy = runIn(leaf, "while :; do :; done");
    await until("throttled", () => (cgroupUsage(of, `${world.path}/a-0`).throttledPeriods ?? 0) >= 5);
    const before = cgroupUsage(of, `${world.path}/a-0`);
    const begun = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const after = cgroupUsage(of, `${world.path}/a-0`);
    const passed = (performance.now() - begun) / 1000;
    busy.kill("SIGKILL");
    const used = Number((after.cpuNanoseconds ?? 0n) - (before.cpuNanoseconds ?? 0n)) / 1e9;
    // A tenth of the time, and what a period may give too much.
    expect(used / passed).toBeLessThan(0.5);
    expect(after.throttledNanoseconds ?? 0n).toBeGreaterThan(0n);
  });

  it("a fork bomb ends at the pod's limit of processes", async () => {
    const world = pod(limited({ memory: "64Mi" }), of);
    const leaf = world.container(0);
    const file = world.pod.hostOps.find((op) => op.op === "cgroup-set" && op.path.endsWith("pids.max"));
    expect(file).toMatchObject({ value: "16384" });
    writeCgroup((file as { path: string }).path, "20");
    const { output } = await outcome(
      runIn(leaf, "i=0; while [ $i -lt 40 ]; do sleep 30 >/dev/null 2>&1 & i=$((i+1)); done; echo no"),
    );
    expect(output).toMatch(/can't fork|Resource temporarily unavailable/);
    expect(cgroupUsage(of, `${world.path}/a-0`).pids ?? 0).toBeLessThanOrEqual(20);
  });

  it("usage is read back: memory, processes and limit", async () => {
    const world = pod(limited({ memory: "64Mi" }), of);
    const leaf = world.container(0);
    runIn(leaf, "exec sleep 60");
    await until("running", () => cgroupUsage(of, `${world.path}/a-0`).pids === 1);
    const usage = cgroupUsage(of, `${world.path}/a-0`);
    expect(usage.memoryLimitBytes).toBe(64 * mib);
    expect(usage.memoryWorkingSetBytes).toBeGreaterThan(0);
    expect(usage.memoryWorkingSetBytes).toBeLessThanOrEqual(usage.memoryUsageBytes ?? 0);
    expect(cgroupUsage(of, `${world.path}/b-0`)).toEqual({});
  });

  it("the pod's own memory bounds its containers together: one is killed, the other lives", async () => {
    const spec: PodSpec = {
      containers: [{ name: "a" }, { name: "b" }],
      resources: { limits: { memory: "64Mi" } },
    };
    const world = pod(spec, of);
    const [a, b] = [world.container(0), world.container(1)];
    // Each alone stays under 64 MiB; both at once do not.
    const keep = `exec perl -e 'open F, "</dev/zero"; sysread F, $x, ${40 * mib}; sleep 60'`;
    const first = runIn(a, keep);
    await until(
      "the first holds",
      () => (cgroupUsage(of, `${world.path}/a-0`).memoryUsageBytes ?? 0) > 35 * mib,
    );
    const second = runIn(b, keep);
    await until("one is killed", () => oomKillCount(a.oomFile) + oomKillCount(b.oomFile) > 0);
    await until(
      "one is left",
      () => (first.exitCode ?? first.signalCode) === null || (second.exitCode ?? second.signalCode) === null,
    );
    expect(oomKillCount(a.oomFile) > 0 && oomKillCount(b.oomFile) > 0).toBe(false);
  });
});

describe("devices", () => {
  const folder = mkdtempSync(join(tmpdir(), "tspod-dev-"));
  const disk = join(folder, "disk");
  const script = `mknod ${disk} b 254 0; head -c 1 ${disk}; head -c 1 /dev/zero >/dev/null && echo zero; head -c 1 /dev/kmsg`;

  // A v2 host has no such controller.
  it.runIf(layout.v1.devices)(
    "a container may make the host's disk and not open it (v1 controller)",
    async () => {
      const { output } = await outcome(runIn(pod({ containers: [{ name: "a" }] }).container(0), script));
      expect(existsSync(disk)).toBe(true);
      expect(statSync(disk).rdev).toBe((254 << 8) | 0);
      rmSync(disk);
      expect(output).toContain(`head: ${disk}: Operation not permitted`);
      expect(output).toContain("zero");
      expect(output).toContain("head: /dev/kmsg: Operation not permitted");
    },
  );

  it("a container may make the host's disk and not open it (v2 program)", async () => {
    const { devices: _, ...v1 } = layout.v1;
    const world = pod({ containers: [{ name: "a" }] }, { ...layout, v1 });
    const leaf = world.container(0);
    expect(leaf.hostOps.map(({ op }) => op)).toContain("cgroup-devices-bpf");
    const { output } = await outcome(runIn(leaf, script));
    rmSync(disk);
    expect(output).toContain(`head: ${disk}: Operation not permitted`);
    expect(output).toContain("zero");
    expect(output).toContain("head: /dev/kmsg: Operation not permitted");
  });

  it("a program's rules mean type, numbers and access, each of them", async () => {
    const { devices: _, ...v1 } = layout.v1;
    const world = pod({ containers: [{ name: "a" }] }, { ...layout, v1 });
    const leaf = world.container(0);
    // Attached in place of the default one: reading null is allowed, writing it is not, and zero is neither.
    carryOut([
      {
        op: "cgroup-devices-bpf",
        path: leaf.enter.directory,
        program: deviceProgram([
          { type: "c", major: 1, minor: 3, access: "r" },
          { type: "b", major: 1, minor: 5, access: "rwm" },
        ]),
      },
    ]);
    const tries =
      "cat /dev/null && echo read; (echo > /dev/null) || echo nowrite; head -c1 /dev/zero || echo nozero; mknod " +
      disk +
      " c 1 3 || echo nomknod";
    const { output } = await outcome(runIn(leaf, tries));
    for (const word of ["read", "nowrite", "nozero", "nomknod"]) expect(output).toContain(word);
  });

  it("a privileged container may open all", async () => {
    const privileged: PodSpec = { containers: [{ name: "a", securityContext: { privileged: true } }] };
    const { output } = await outcome(
      runIn(pod(privileged).container(0), "head -c 1 /dev/kmsg >/dev/null && echo opened"),
    );
    expect(output).toContain("opened");
    rmSync(folder, { recursive: true });
  });
});

describe("removal", () => {
  it.each(layouts)(
    "on %s, kills everything inside, forks that run away too, and leaves no folder",
    async (_name, of) => {
      const world = pod({ containers: [{ name: "a" }, { name: "b" }] }, of);
      const [a, b] = [world.container(0), world.container(1, 3)];
      const children = [
        runIn(a, "trap '' TERM; while :; do sleep 100 & sleep 0.01; done"),
        runIn(b, "setsid sleep 100 & setsid sleep 100 & wait"),
      ];
      await until("started", () => cgroupPids(world.pod.kill).length >= 5);
      expect(cgroupPopulated(world.pod.kill)).toBe(true);
      const ends = children.map(outcome);
      carryOut(podCgroupRemovalOps(of, world.name, world.uid));
      expect(left(world.name)).toEqual([]);
      for (const end of await Promise.all(ends)) expect(end.signal).toBe("SIGKILL");
      // And once more: gone is fine.
      carryOut(podCgroupRemovalOps(of, world.name, world.uid));
      expect(cgroupPopulated(world.pod.kill)).toBe(false);
    },
  );

  it("leaves the top folder while another pod is in it", () => {
    const world = pod({ containers: [{ name: "a" }] });
    const other = `${layout.unified || layout.v1.pids}/${world.name}/podother`;
    createCgroup(other, false);
    carryOut(podCgroupRemovalOps(layout, world.name, world.uid));
    expect(left(world.name)).toHaveLength(1);
    removeCgroup(other);
  });

  it("makes a shared folder again that another command has taken away in between", () => {
    const world = pod({ containers: [{ name: "a" }] });
    const root = layout.unified || layout.v1.pids;
    const top = `${root}/${world.name}`;
    carryOut(podCgroupRemovalOps(layout, world.name, world.uid));
    expect(existsSync(top)).toBe(false);
    createCgroup(`${top}/podlater`, false);
    expect(existsSync(`${top}/podlater`)).toBe(true);
    removeCgroup(`${top}/podlater`);
    removeCgroupIfEmpty(top);
    expect(() => createCgroup(`${root}/${world.name}never/podx`, false)).toThrow(/ENOENT/);
  });

  it("a cgroup that is there already is an error, unless shared", () => {
    const world = pod({ containers: [{ name: "a" }] });
    expect(() => createCgroup(world.pod.kill, false)).toThrow(/EEXIST/);
    createCgroup(world.pod.kill, true);
    killCgroup(`${world.pod.kill}/none`);
  });
});

it("a leaf of the v2 tree holds no more than its own", () => {
  const world = pod({ containers: [{ name: "a" }] });
  const inner = layout.unified === "" ? [] : cgroupPids(world.pod.kill);
  expect(inner).toEqual([]);
  if (layout.unified !== "") expect(read(`${world.pod.kill}/cgroup.type`)).toBe("domain");
});
