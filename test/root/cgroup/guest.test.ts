import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Guest, guestRelease } from "../../support/guest.ts";

const guest = new Guest();
beforeAll(() => guest.build(new URL("guest.ts", import.meta.url)));
afterAll(() => guest.dispose());

/** Bytes that the pod and its container `b` have after each resize; `a` keeps its 32 MiB. */
const RESIZED = [128, 48, 80].map((mebibytes) => ({
  pod: [(mebibytes + 32) << 20],
  b: [mebibytes << 20],
}));

// The package is not among those that the tests need; this host is tried without it in cgroups.test.ts.
describe.runIf(guestRelease !== "")("in a guest kernel", () => {
  it("all works on v2 alone", async () => {
    const report = await guest.boot(["mount -t cgroup2 none /sys/fs/cgroup"]);
    expect(report.layout).toMatchObject({ mode: "v2", unified: "/sys/fs/cgroup" });
    expect(report).toMatchObject({
      warnings: [],
      survived: false,
      throttled: true,
      limit: 64 << 20,
      pids: 1,
    });
    // The shell goes with what it started: a container is killed whole.
    expect(report.signal).toBe("SIGKILL");
    expect(report.oomKills).toBeGreaterThan(0);
    expect(report.cpu).toBeLessThan(1.5);
    expect(report.files).toMatchObject({
      "cpu.weight": "76",
      "cpu.max": "70000 100000",
      "memory.max": String(96 << 20),
      "pids.max": "16384",
    });
    expect(report.files["cgroup.subtree_control"]).toMatch(/cpu.*memory.*pids/);
    expect(report.resizes).toEqual(RESIZED);
    expect(report.ended).toBe("SIGKILL");
    expect(report.left).toEqual([]);
  });

  it("all works on v1 alone, cpu and cpuacct mounted together", async () => {
    const mounts = ["mount -t tmpfs none /sys/fs/cgroup"];
    for (const controllers of ["cpu,cpuacct", "memory", "pids", "devices"]) {
      const target = `/sys/fs/cgroup/${controllers}`;
      mounts.push(`mkdir ${target}; /bin/busybox mount -t cgroup -o ${controllers} none ${target}`);
    }
    const report = await guest.boot(mounts);
    expect(report.layout).toMatchObject({ mode: "v1", unified: "" });
    expect(report).toMatchObject({ warnings: [], throttled: true, limit: 64 << 20, pids: 1 });
    // Only the program that took the memory is killed there, not the shell.
    expect(report.survived).toBe(true);
    expect(report.oomKills).toBe(1);
    expect(report.cpu).toBeGreaterThan(0);
    expect(report.resizes).toEqual(RESIZED);
    expect(report.ended).toBe("SIGKILL");
    expect(report.left).toEqual([]);
  });
});
