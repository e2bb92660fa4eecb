import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { isAlive } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("ends a container that outlives its monitor, whose end nobody would record, and starts it anew", async () => {
  const probe = buildProbe(tspod);
  // The shell outlives the monitor, for the probe has taken PDEATHSIG from it before it became the shell.
  const app = {
    name: "app",
    image: "busybox",
    command: ["/probe/probe", "outlive", "echo ready; while :; do sleep 0.1; done"],
    volumeMounts: [probe.mount],
  };
  const manifest = pod("lost", [app, idle("other")], { volumes: [probe.volume], restartPolicy: "Always" });
  await tspod.ok(["run", "-d", tspod.manifest(manifest)]);
  await eventually(async () => (await tspod.ok(["logs", "-c", "app", "lost"])).includes("ready"));
  const [before, neighbour] = (await tspod.inspect("lost")).status.containerStatuses;
  process.kill(before.monitorPid, "SIGKILL");
  const after = await eventually(async () => {
    const [now] = (await tspod.inspect("lost")).status.containerStatuses;
    return now.restartCount === 1 && now.state.running ? now : undefined;
  });
  expect(isAlive(before.pid)).toBe(false);
  expect(after.lastState.terminated).toMatchObject({ exitCode: 137, reason: "ContainerStatusUnknown" });
  expect((await tspod.inspect("lost")).status.containerStatuses[1].pid).toBe(neighbour.pid);
  await tspod.ok(["rm", "-f", "lost"]);
});
