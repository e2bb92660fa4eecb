import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { pod } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("gives a container its grace period although its monitor was killed and it lives on", async () => {
  const probe = buildProbe(tspod);
  // The shell outlives the monitor, for the probe has taken PDEATHSIG from it before it became the shell.
  const script =
    "trap 'sleep 0.5; echo ended > /v/ended; exit' TERM; echo ready; while :; do sleep 0.1; done";
  const app = {
    name: "app",
    image: "busybox",
    command: ["/probe/probe", "outlive", script],
    volumeMounts: [probe.mount, { name: "v", mountPath: "/v" }],
  };
  const volumes = [
    probe.volume,
    { name: "v", hostPath: { path: `${tspod.dir}/v`, type: "DirectoryOrCreate" } },
  ];
  await tspod.ok(["run", "-d", tspod.manifest(pod("lost", [app], { volumes }))]);
  await eventually(async () => (await tspod.ok(["logs", "lost"])).includes("ready"));
  const { status } = await tspod.inspect("lost");
  process.kill(status.containerStatuses[0].monitorPid, "SIGKILL");
  await tspod.ok(["stop", "-t", "20", "lost"]);
  expect(readFileSync(join(tspod.dir, "v/ended"), "utf8")).toBe("ended\n");
  await tspod.ok(["rm", "lost"]);
});
