import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 50 });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const volumes = [{ name: "v", emptyDir: {} }];
const living = node.running(
  pod("living", [idle("a", v), idle("b")], {
    restartPolicy: "Always",
    initContainers: [sh("init", "echo init >> /v/inits", v)],
    volumes,
  }),
);
/** The pod before its holder was killed, and when it runs again. */
const killed = once(async () => {
  const running = await living();
  await running.look("a", "echo kept > /v/file");
  const before = await node.tspod.inspect("living");
  process.kill(before.status.infra.pid, "SIGKILL");
  const after = await eventually(
    async () => {
      const now = await node.tspod.inspect("living");
      const ready = now.status.containerStatuses.every((one: { ready: boolean }) => one.ready);
      return ready && now.status.infra.alive && now.status.infra.pid !== before.status.infra.pid && now;
    },
    { what: "a new sandbox" },
  );
  return { running, before, after };
});

behaviour(
  "sandbox-01",
  "when a pod's sandbox dies it gets a new one, and stays the same pod",
  from.lifecycle,
  async () => {
    const { before, after } = await killed();
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status.phase).toBe("Running");
  },
);

behaviour(
  "sandbox-02",
  "all its containers start again, which counts as a restart",
  from.lifecycle,
  async () => {
    const { before, after } = await killed();
    for (const [index, status] of after.status.containerStatuses.entries()) {
      expect(status.restartCount, status.name).toBe(1);
      expect(status.containerID).not.toBe(before.status.containerStatuses[index].containerID);
    }
  },
);

behaviour("sandbox-03", "init containers run again, before the others", from.init, async () => {
  const { running } = await killed();
  expect(await running.look("a", "cat /v/inits")).toBe("init\ninit\n");
});

behaviour("sandbox-04", "volumes stay with the pod", from.volumes, async () => {
  expect(await (await killed()).running.look("a", "cat /v/file")).toBe("kept\n");
});

behaviour("sandbox-05", "an event tells of it in the kubelet's words", from.lifecycle, async () => {
  const events = await (await killed()).running.events();
  expect(events).toContain("SandboxChanged Pod sandbox changed, it will be killed and re-created.");
});

behaviour("sandbox-06", "containers have an address again, the pod's", from.networking, async () => {
  const { running, after } = await killed();
  expect(await running.look("b", "hostname -i")).toBe(`${after.status.podIP}\n`);
});

behaviour(
  "sandbox-07",
  "under restartPolicy Never a pod whose sandbox died is over",
  from.lifecycle,
  async () => {
    const single = await node.running(pod("single", [idle("a")], { restartPolicy: "Never" }))();
    const { status } = await node.tspod.inspect("single");
    process.kill(status.infra.pid, "SIGKILL");
    const now = await single.until(({ status }) => status.phase === "Failed");
    expect(now.status.containerStatuses[0]).toMatchObject({ restartCount: 0, state: { terminated: {} } });
  },
);

behaviour(
  "sandbox-08",
  "a container that is killed from outside is started again in the same sandbox",
  from.lifecycle,
  async () => {
    const running = await node.running(pod("hit", [idle("a"), idle("b")], { restartPolicy: "Always" }))();
    const before = await node.tspod.inspect("hit");
    process.kill(before.status.containerStatuses[0].pid, "SIGKILL");
    const status = await running.untilContainer(
      "a",
      ({ restartCount, ready }) => restartCount === 1 && ready,
    );
    expect(status.lastState.terminated).toMatchObject({ exitCode: 137, reason: "Error" });
    const after = await node.tspod.inspect("hit");
    expect(after.status.infra.pid).toBe(before.status.infra.pid);
    expect(after.status.podIP).toBe(before.status.podIP);
    expect(after.status.containerStatuses[1].pid).toBe(before.status.containerStatuses[1].pid);
  },
);
