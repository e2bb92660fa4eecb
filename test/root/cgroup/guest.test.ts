import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

// Hosts that this machine is not: the distribution's User Mode Linux (package user-mode-linux) starts in seconds.
// Its root is this machine's, read-only.
const there = spawnSync("linux.uml", ["--version"]).status === 0;
const folder = mkdtempSync(join(tmpdir(), "tspod-guest-"));

beforeAll(async () => {
  await build({
    entryPoints: [new URL("guest.ts", import.meta.url).pathname],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: join(folder, "guest.mjs"),
    logLevel: "error",
  });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes that the pod and its container `b` have after each resize; `a` keeps its 32 MiB. */
const RESIZED = [128, 48, 80].map((mebibytes) => ({
  pod: [(mebibytes + 32) << 20],
  b: [mebibytes << 20],
}));

/** Boots a guest, runs `mounts` and the program in it, and gives what the program reported. */
async function boot(mounts: string[]) {
  const init = join(folder, "init");
  const lines = [
    "#!/bin/busybox sh",
    "/bin/busybox mount -t proc proc /proc",
    "/bin/busybox mount -t sysfs sys /sys",
    ...mounts,
    `${process.execPath} ${join(folder, "guest.mjs")}`,
    "/bin/busybox poweroff -f",
  ];
  writeFileSync(init, lines.join("\n"));
  chmodSync(init, 0o755);
  const kernel = ["root=/dev/root", "rootfstype=hostfs", "rootflags=/", "ro", "mem=768M", "quiet"];
  const guest = spawn("linux.uml", [...kernel, `init=${init}`, "con=null", "con0=fd:0,fd:1"], {
    stdio: ["ignore", "pipe", "ignore"],
    cwd: folder,
    env: { PATH: `${dirname(process.execPath)}:/bin:/usr/bin`, HOME: folder, TMPDIR: folder },
  });
  const limit = setTimeout(() => guest.kill("SIGKILL"), 50_000);
  let output = "";
  guest.stdout.on("data", (data) => {
    output += data;
  });
  await new Promise((resolve) => guest.on("close", resolve));
  clearTimeout(limit);
  const line = /^REPORT (.*)$/m.exec(output.replaceAll("\r", ""))?.[1];
  if (line === undefined) throw new Error(`the guest said:\n${output.slice(-2000)}`);
  return JSON.parse(line);
}

// The package is not among those that the tests need; this host is tried without it in cgroups.test.ts.
describe.runIf(there)("in a guest kernel", () => {
  it("all works on v2 alone", { timeout: 60_000 }, async () => {
    const report = await boot(["/bin/busybox mount -t cgroup2 none /sys/fs/cgroup"]);
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

  it("all works on v1 alone, cpu and cpuacct mounted together", { timeout: 60_000 }, async () => {
    const mounts = ["/bin/busybox mount -t tmpfs none /sys/fs/cgroup"];
    for (const controllers of ["cpu,cpuacct", "memory", "pids", "devices"]) {
      const target = `/sys/fs/cgroup/${controllers}`;
      mounts.push(
        `/bin/busybox mkdir ${target}; /bin/busybox mount -t cgroup -o ${controllers} none ${target}`,
      );
    }
    const report = await boot(mounts);
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
