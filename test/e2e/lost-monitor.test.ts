import { expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { buildProbe } from "./support/probe.ts";
import { isAlive, statusLine } from "./support/processes.ts";
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

it.each([true, false])(
  "ends a setuid program, which has lost PDEATHSIG at its start (hostUsers: %s)",
  async (hostUsers) => {
    const probe = buildProbe(tspod);
    const volumeMounts = [probe.mount, { name: "v", mountPath: "/v" }];
    const init = {
      name: "init",
      image: "busybox",
      command: ["sh", "-c", "cp /probe/probe /v/suid && chmod 4755 /v/suid"],
      volumeMounts,
    };
    const app = {
      name: "app",
      image: "busybox",
      command: ["/v/suid", "udp-echo", "9999"],
      securityContext: { runAsUser: 1000 },
      volumeMounts,
    };
    const spec = { hostUsers, initContainers: [init], volumes: [probe.volume, { name: "v", emptyDir: {} }] };
    await tspod.ok(["run", "-d", tspod.manifest(pod("suid", [app], { ...spec, restartPolicy: "Always" }))]);
    const [before] = (await tspod.inspect("suid")).status.containerStatuses;
    expect(statusLine(before.pid, "Uid").split("\t")[1]).not.toBe(
      statusLine(before.pid, "Uid").split("\t")[0],
    );
    process.kill(before.monitorPid, "SIGKILL");
    await eventually(async () => {
      const [now] = (await tspod.inspect("suid")).status.containerStatuses;
      return now.restartCount === 1 && now.state.running;
    });
    expect(isAlive(before.pid)).toBe(false);
    await tspod.ok(["rm", "-f", "suid"]);
  },
);
