import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { PodSpec } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";
import { lasting, names, pods, readyPods, workload } from "./support/workloads.ts";

const tspod = scenario();
const deployment = (replicas: number, container = idle("c"), spec: Partial<PodSpec> = {}) =>
  workload("Deployment", "web", { replicas, ...lasting("web", container, spec) });

describe("when processes of ours are killed", () => {
  it.each([
    ["scaled down", ["scale", "deploy/web", "--replicas=0"]],
    ["removed", ["delete", "deploy", "web"]],
  ])("a pod that was being %s goes nevertheless", async (_, words) => {
    const stubborn = sh("c", "trap '' TERM; touch /tmp/ready; sleep 3600 & wait; wait", {
      readinessProbe: { exec: { command: ["test", "-e", "/tmp/ready"] }, periodSeconds: 1 },
    });
    // Time to see that it is being ended.
    const slowly = deployment(1, stubborn, { terminationGracePeriodSeconds: 10 });
    await tspod.ok(["run", "-d", tspod.manifest(slowly)]);
    await readyPods(tspod, 1);
    const command = tspod.start(words);
    await eventually(async () => (await pods(tspod))[0]?.metadata.deletionTimestamp !== undefined);
    command.kill("SIGKILL");
    await command.outcome();
    await eventually(async () => (await pods(tspod)).length === 0);
    await tspod.run(["delete", "deploy", "web", "--ignore-not-found"]);
  });

  const daemon = () => readFileSync(join(tspod.dir, "run/tspod/daemon/lock"), "utf8");

  it("there are never more pods than wanted, and in the end as many", async () => {
    await tspod.ok(["run", "-d", tspod.manifest(deployment(1))]);
    await readyPods(tspod, 1);
    for (const [round, delay] of [60, 120, 180, 240, 300].entries()) {
      const wanted = round % 2 === 0 ? 4 : 1;
      const command = tspod.start(["scale", "deploy/web", `--replicas=${wanted}`]);
      await new Promise((resolve) => setTimeout(resolve, delay));
      command.kill("SIGKILL");
      await command.outcome();
      // The next command finds what is left of it; the daemon does the rest.
      await tspod.ok(["scale", "deploy/web", `--replicas=${wanted}`]);
      await readyPods(tspod, wanted);
    }
    expect(daemon).not.toThrow();
    await tspod.ok(["delete", "deploy", "web"]);
  });
});

describe("a workload that is deleted without its pods", () => {
  it("leaves them running, and the next that finds them by their labels takes them over", async () => {
    const file = tspod.manifest(deployment(2));
    await tspod.ok(["run", "-d", file]);
    const before = names(await readyPods(tspod, 2));
    expect(await tspod.ok(["delete", "deploy", "web", "--cascade=orphan"])).toBe(
      'deployment.apps "web" deleted\n',
    );
    const set = (await tspod.ok(["get", "rs", "-o", "name"])).trim();
    await tspod.ok(["delete", set.replace(".apps", ""), "--cascade=orphan"]);
    expect(names(await readyPods(tspod, 2))).toEqual(before);
    expect((await pods(tspod)).map(({ metadata }) => "ownerReferences" in metadata)).toEqual([false, false]);
    await tspod.ok(["apply", file]);
    await tspod.ok(["rollout", "status", "deploy/web", "--timeout=300s"]);
    await eventually(async () => (await pods(tspod)).length === 2);
    await tspod.ok(["delete", "deploy", "web", "--cascade=orphan"]);
    await tspod.ok(["apply", file]);
    await tspod.ok(["rollout", "status", "deploy/web", "--timeout=300s"]);
    const [adopted, ...others] = JSON.parse(await tspod.ok(["get", "rs", "-o", "json"])).items;
    expect([adopted.metadata.ownerReferences[0].name, others]).toEqual(["web", []]);
    await tspod.ok(["delete", "deploy", "web"]);
    expect(await pods(tspod)).toEqual([]);
  });
});
