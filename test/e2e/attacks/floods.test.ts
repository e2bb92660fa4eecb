import { spawn } from "node:child_process";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { eventually, tspodBinary } from "../../support/tspod.ts";
import { attack } from "../support/attack.ts";
import { idle, pod, sh } from "../support/pods.ts";
import { pidsOf, statusLine } from "../support/processes.ts";

const { tspod, inside, probed, volumes } = attack();

/** The pids.max of the pod that the process is in, on cgroup v1 or v2. */
function pidsLimitOf(pid: number): string {
  const cgroups = readFileSync(`/proc/${pid}/cgroup`, "utf8");
  const path = /^\d+:(?:\S*,)?pids(?:,\S*)?:(.*)$/m.exec(cgroups)?.[1];
  const folder =
    path === undefined ? `/sys/fs/cgroup${/^0::(.*)$/m.exec(cgroups)?.[1]}` : `/sys/fs/cgroup/pids${path}`;
  const pods = /^(.*\/pod[0-9a-f-]+)(\/|$)/.exec(folder)?.[1];
  if (pods === undefined) throw new Error(`process ${pid} is in no pod's cgroup:\n${cgroups}`);
  return `${pods}/pids.max`;
}

describe("floods (B5, B16)", () => {
  it("of output without a newline take no memory of the monitor and go into one rotated log", async () => {
    await tspod.ok([
      "run",
      "-d",
      tspod.manifest(
        pod("flood", [sh("a", "head -c 100000000 /dev/zero | tr '\\0' x; echo; exec sleep 600")]),
      ),
    ]);
    const { status, metadata } = await tspod.inspect("flood");
    const monitor = status.containerStatuses[0].monitorPid;
    await eventually(
      async () =>
        (await tspod.ok(["exec", "flood", "--", "ps", "-o", "args"])).match(/^sleep 600$/m) !== null,
    );
    expect(Number.parseInt(statusLine(monitor, "VmHWM"), 10)).toBeLessThan(1024);
    const logs = join(tspod.dir, "var/log/pods", `default_flood_${metadata.uid}`, "a");
    const size = readdirSync(logs).reduce((sum, name) => sum + statSync(join(logs, name)).size, 0);
    expect(size).toBeLessThan(64 * 1024 * 1024);
    expect((await tspod.ok(["logs", "flood", "--tail", "1"])).length).toBeLessThan(64 * 1024 * 1024);
    await tspod.ok(["rm", "-f", "flood"]);
  });

  it("of exec's output pass through at the reader's pace: nobody holds them in memory", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("endless", [idle("a")]))]);
    const client = spawn(tspodBinary, ["--root", tspod.dir, "exec", "endless", "--", "cat", "/dev/zero"], {
      stdio: ["ignore", "pipe", "ignore"],
      env: { PATH: process.env.PATH ?? "" },
    });
    // Nobody reads for a while.
    client.stdout.pause();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const peak = Number.parseInt(statusLine(client.pid as number, "VmHWM"), 10);
    client.stdout.destroy();
    client.kill("SIGKILL");
    expect(peak).toBeLessThan(200 * 1024);
    await tspod.ok(["rm", "-f", "endless"]);
  });

  it("of processes stop at the pod's limit, and rm takes them all", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(pod("bomb", [idle("a", probed())], volumes()))]);
    const { of } = await pidsOf(tspod, "bomb");
    const limit = pidsLimitOf(of("a"));
    expect(Number(readFileSync(limit, "utf8"))).toBeLessThanOrEqual(32768);
    // The way to the limit is shortened, so that the machine has not to carry that many.
    writeFileSync(limit, "100");
    const { stdout } = await inside("bomb", "/probe/probe fork-bomb");
    expect(stdout).toMatch(/^[89]\d, then EAGAIN\n$/);
    await tspod.ok(["rm", "-f", "bomb"]);
  });

  it("of memory end the container that causes them, with its reason, and no other", async () => {
    const hog = sh("hog", "exec tail /dev/zero", { resources: { limits: { memory: "24Mi" } } });
    await tspod.ok(["run", "-d", tspod.manifest(pod("oom", [hog, idle("calm")]))]);
    const [first, second] = await eventually(async () => {
      const all = (await tspod.inspect("oom")).status.containerStatuses;
      return all[0].state.terminated && all;
    });
    expect(first.state.terminated).toMatchObject({ exitCode: 137, reason: "OOMKilled", signal: 9 });
    expect(second.state).toHaveProperty("running");
    await tspod.ok(["rm", "-f", "oom"]);
  });
});
