import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { expectNoLeaks, type Snapshot, snapshot } from "../support/leak-check.ts";
import { type Command, eventually } from "../support/tspod.ts";
import { countCalls, killAtCall } from "./support/kill-at.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { freePort } from "./support/ports.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** A pod that has a part in everything that could be left: address, port, volume, init container, two containers. */
async function manifest(name: string): Promise<string> {
  const mounts = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
  return tspod.manifest(
    pod(
      name,
      [
        sh("a", "exec sleep 3600", { ...mounts, ports: [{ containerPort: 80, hostPort: await freePort() }] }),
        idle("b", { ...mounts, resources: { limits: { memory: "32Mi", cpu: "100m" } } }),
      ],
      {
        initContainers: [sh("init", "echo prepared > /v/file", mounts)],
        volumes: [{ name: "v", emptyDir: {} }],
        shareProcessNamespace: true,
      },
    ),
  );
}

/** The command after the killed one: it finds the pod whole or not at all, and nothing else. */
async function next(before: Snapshot, name: string, moment: string): Promise<"whole" | "gone" | "ended"> {
  const ps = await tspod.run(["ps", "-a", "--no-headers"]);
  expect(ps.code, `${moment}: ${ps.stderr}`).toBe(0);
  expect(ps.stderr, moment).not.toMatch(/internal error|left:/);
  if (ps.stdout !== "") {
    expect(ps.stdout, moment).toMatch(
      new RegExp(`^${name} +(2/2 +Running|0/2 +(Error|Completed|Init:\\S+|PodInitializing)) +0 `),
    );
  } else
    await expectNoLeaks(before).catch((error: Error) =>
      Promise.reject(new Error(`${moment}: ${error.message}`)),
    );
  expect(await tspod.ok(["gc"]), moment).toBe("nothing to remove\n");
  if (ps.stdout === "") return "gone";
  await tspod.ok(["rm", "-t", "0", name]);
  await expectNoLeaks(before).catch((error: Error) =>
    Promise.reject(new Error(`${moment}, rm: ${error.message}`)),
  );
  return ps.stdout.includes("Running") ? "whole" : "ended";
}

/** How many moments are tried, in parts of the usual: TSPOD_KILL_DENSITY=10 looks ten times as closely. */
const density = Number(process.env.TSPOD_KILL_DENSITY ?? 1);

/** Numbers spread over 1…last, others in every run; a failure names the one it was seen at. */
function spread(last: number, usual: number): number[] {
  const count = Math.min(last, Math.ceil(usual * density));
  const offset = Math.random();
  return Array.from({ length: count }, (_, index) => 1 + Math.floor(((index + offset) * last) / count));
}

const minutes = (n: number) => n * 60_000 * Math.max(1, density);

describe("SIGKILL of run", () => {
  it("after any of its system calls: the next command undoes it, or the pod is whole", {
    timeout: minutes(3),
  }, async () => {
    const file = await manifest("victim");
    const before = snapshot(tspod.dir);
    await tspod.ok(["run", "-d", file]);
    await tspod.ok(["rm", "-f", "victim"]);
    const calls = await countCalls(tspod, ["run", "-d", file]);
    await tspod.ok(["rm", "-f", "victim"]);
    expect(calls).toBeGreaterThan(50);
    const seen = new Set<string>();
    for (const nth of spread(calls, 20)) {
      if (await killAtCall(tspod, ["run", "-d", file], nth)) {
        seen.add(await next(before, "victim", `killed at call ${nth} of ${calls}`));
      } else await tspod.ok(["rm", "-f", "victim"]); // it made fewer calls this time
    }
    expect(seen).toContain("gone");
    // The name is free again.
    expect(await tspod.ok(["run", "-d", file])).toBe("pod/victim started\n");
    await tspod.ok(["rm", "-f", "victim"]);
  });

  it("at any time, in the foreground: the pod goes with the command", { timeout: minutes(2) }, async () => {
    const file = await manifest("front");
    const before = snapshot(tspod.dir);
    const started = Date.now();
    const first = tspod.start(["run", file]);
    await eventually(async () => (await tspod.ok(["ps"])).includes("2/2"));
    const duration = Date.now() - started;
    await kill(first);
    expect(await next(before, "front", "killed while it ran")).toBe("gone");
    for (const moment of spread(duration, 6)) {
      const run = tspod.start(["run", file]);
      await sleep(moment);
      await kill(run);
      expect(await next(before, "front", `killed after ${moment} ms`), `${moment} ms`).toBe("gone");
    }
  });

  it("while an init container runs: that ends too", async () => {
    const before = snapshot(tspod.dir);
    const file = tspod.manifest(
      pod("early", [idle("a")], { initContainers: [sh("slow", "echo on; sleep 600")] }),
    );
    const run = tspod.start(["run", file]);
    await run.printed(/on/);
    await kill(run);
    expect(await next(before, "early", "killed during init")).toBe("gone");
  });
});

describe("SIGKILL of a foreground run", () => {
  it("while it stops: the pod has its grace period, then it goes too", async () => {
    const before = snapshot(tspod.dir);
    const script = "trap 'echo bye; sleep 600' TERM; echo ready; while :; do sleep 0.1; done";
    const file = tspod.manifest(pod("stopping", [sh("a", script)], { terminationGracePeriodSeconds: 2 }));
    const run = tspod.start(["run", file]);
    await run.printed(/ready/);
    run.kill("SIGINT");
    await run.printed(/bye/);
    await kill(run);
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^stopping +1\/1 +Terminating /);
    await eventually(async () => (await tspod.ok(["ps", "-a"])) === "");
    expect(await next(before, "stopping", "killed while it stopped")).toBe("gone");
  });
});

describe("SIGKILL of rm", () => {
  for (const [how, args] of [
    ["rm -f", ["rm", "-f", "victim"]],
    ["rm", ["rm", "-t", "1", "victim"]],
  ] as const) {
    it(`${how}, after any of its system calls: the next command finishes it`, {
      timeout: minutes(3),
    }, async () => {
      const file = await manifest("victim");
      const before = snapshot(tspod.dir);
      await tspod.ok(["run", "-d", file]);
      const calls = await countCalls(tspod, [...args]);
      const seen = new Set<string>();
      for (const nth of spread(calls, how === "rm" ? 6 : 12)) {
        await tspod.ok(["run", "-d", file]);
        const killed = await killAtCall(tspod, [...args], nth);
        if (killed) seen.add(await next(before, "victim", `killed at call ${nth} of ${calls}`));
        else await tspod.run(["rm", "-f", "--ignore-not-found", "victim"]);
      }
      expect(seen).toContain("gone");
    });
  }
});

describe("SIGKILL of everything of a pod", () => {
  it("holder, monitors and containers at once: it is seen, and rm leaves nothing", async () => {
    const before = snapshot(tspod.dir);
    await tspod.ok(["run", "-d", await manifest("lost")]);
    const { status } = await tspod.inspect("lost");
    const pids = [
      status.infra.pid,
      ...status.containerStatuses.flatMap((one: { pid: number; monitorPid: number }) => [
        one.monitorPid,
        one.pid,
      ]),
    ];
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
    }
    await eventually(async () => !(await tspod.ok(["ps", "-a"])).includes("Running"));
    await eventually(async () => !(await tspod.inspect("lost")).status.infra.alive);
    await tspod.ok(["rm", "lost"]);
    await expectNoLeaks(before);
  });
});

async function kill(command: Command): Promise<void> {
  command.kill("SIGKILL");
  await command.outcome();
}
