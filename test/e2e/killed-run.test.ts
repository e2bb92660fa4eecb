import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { snapshot } from "../support/leak-check.ts";
import { eventually } from "../support/tspod.ts";
import { callsOf, killAtCall } from "./support/kill-at.ts";
import { kill, manifest, minutes, next, some, spread } from "./support/killed.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("SIGKILL of run", () => {
  it("after any of its system calls: the next command undoes it, or the pod is whole", {
    timeout: minutes(10),
  }, async () => {
    const file = await manifest(tspod, "victim");
    const before = snapshot(tspod.dir);
    await tspod.ok(["run", "-d", file]);
    await tspod.ok(["rm", "-f", "victim"]);
    const calls = await callsOf(tspod, ["run", "-d", file]);
    await tspod.ok(["rm", "-f", "victim"]);
    expect(calls.length).toBeGreaterThan(50);
    const seen = new Set<string>();
    const tried = some(calls, 15);
    let killed = 0;
    for (const call of tried) {
      if (await killAtCall(tspod, ["run", "-d", file], call)) {
        killed++;
        seen.add(await next(tspod, { before, name: "victim", moment: `killed at ${call.place}` }));
      } else await tspod.ok(["rm", "-f", "victim"]); // it made fewer calls this time
    }
    expect(seen).toContain("gone");
    expect(killed).toBeGreaterThan(tried.length / 2);
    // The name is free again.
    expect(await tspod.ok(["run", "-d", file])).toBe("pod/victim started\n");
    await tspod.ok(["rm", "-f", "victim"]);
  });

  it("at any time, in the foreground: the pod goes with the command", { timeout: minutes(10) }, async () => {
    const file = await manifest(tspod, "front");
    const before = snapshot(tspod.dir);
    const started = Date.now();
    const first = tspod.start(["run", file]);
    await eventually(async () => (await tspod.ok(["ps"])).includes("2/2"));
    const duration = Date.now() - started;
    await kill(first);
    expect(await next(tspod, { before, name: "front", moment: "killed while it ran" })).toBe("gone");
    for (const moment of spread(duration, 6)) {
      const run = tspod.start(["run", file]);
      await sleep(moment);
      await kill(run);
      expect(
        await next(tspod, { before, name: "front", moment: `killed after ${moment} ms` }),
        `${moment} ms`,
      ).toBe("gone");
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
    expect(await next(tspod, { before, name: "early", moment: "killed during init" })).toBe("gone");
  });
});

describe("SIGKILL of a foreground run", () => {
  it("while it stops: the pod has its grace period, then it goes too", async () => {
    const before = snapshot(tspod.dir);
    const script = "trap 'echo bye; sleep 600' TERM; echo ready; while :; do sleep 0.1; done";
    const file = tspod.manifest(pod("stopping", [sh("a", script)], { terminationGracePeriodSeconds: 10 }));
    const run = tspod.start(["run", file]);
    await run.printed(/ready/);
    run.kill("SIGINT");
    await run.printed(/bye/);
    await kill(run);
    expect(await tspod.ok(["ps", "--no-headers"])).toMatch(/^stopping +1\/1 +Terminating /);
    await eventually(async () => (await tspod.ok(["ps", "-a"])) === "");
    expect(await next(tspod, { before, name: "stopping", moment: "killed while it stopped" })).toBe("gone");
  });
});
