import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("keeps the holder from what a container queues for PID 1, whatever sender it claims", async () => {
  const probe = buildProbe(tspod);
  const app = idle("app", { volumeMounts: [probe.mount] });
  const manifest = tspod.manifest(
    pod("term", [app], { shareProcessNamespace: true, volumes: [probe.volume] }),
  );
  await tspod.ok(["run", "-d", manifest]);
  await tspod.ok(["exec", "term", "--", "/probe/probe", "term-init"]);
  expect(await tspod.ok(["exec", "term", "--", "cat", "/proc/1/comm"])).toBe("pause\n");
  await tspod.ok(["rm", "-t", "0", "term"]);
});

it.each([{ shareProcessNamespace: true }, { hostPID: true }])(
  "ends all of a container with its first process where it shares the PID namespace: %j",
  async (spec) => {
    const app = sh("app", "sleep 4321 & setsid sleep 4321 & sleep 0.2; exit 3");
    await tspod.ok(["run", "-d", tspod.manifest(pod("rest", [app, idle("other")], spec))]);
    const { status } = await tspod.inspect("rest");
    const { cgroup } = status.containerStatuses.find(({ name }: { name: string }) => name === "app");
    await eventually(() => /populated 0/.test(readFileSync(join(cgroup, "cgroup.events"), "utf8")));
    // Its monitor writes down how it ended when nothing of it is left.
    await eventually(async () => /^rest +1\/2 +Error/.test(await tspod.ok(["ps", "--no-headers"])));
    await tspod.ok(["rm", "-t", "0", "rest"]);
  },
);
