import { expect } from "vitest";
import { idle, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { execProbe, lines, probedPod, v } from "./support/probes.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 20 });
const loop = "while :; do sleep 0.05; done";

const living = node.running(
  probedPod(
    "living",
    [
      sh("a", `echo start >> /v/starts; trap 'echo TERM >> /v/ends; exit 3' TERM; touch /alive; ${loop}`, {
        ...v,
        livenessProbe: execProbe(
          "echo x >> /v/probes; [ ! -e /v/sick ] || { echo x >> /v/failed-$(wc -l < /v/starts); exit 1; }",
          { failureThreshold: 3 },
        ),
      }),
      idle("eye", v),
    ],
    { terminationGracePeriodSeconds: 2000 },
  ),
);

behaviour(
  "probe-01",
  "as long as its liveness probe succeeds, a container runs on",
  from.probes,
  async () => {
    const pod = await living();
    await eventually(async () => lines(await pod.look("eye", "cat /v/probes 2>/dev/null; true")) >= 5);
    expect(await pod.status("a")).toMatchObject({ restartCount: 0, ready: true });
  },
);

behaviour(
  "probe-02",
  "when it fails, the container is ended with TERM and started again",
  from.probes,
  async () => {
    const pod = await living();
    await pod.look("eye", "touch /v/sick");
    const status = await pod.untilContainer("a", ({ restartCount }) => restartCount >= 1);
    await pod.look("eye", "rm -f /v/sick");
    expect(status.lastState.terminated).toMatchObject({ exitCode: 3 });
    expect(await pod.look("eye", "cat /v/ends")).toMatch(/^TERM$/m);
  },
);

behaviour("probe-03", "it has to fail failureThreshold times in a row", from.probeTask, async () => {
  const pod = await living();
  await pod.untilContainer("a", ({ restartCount }) => restartCount >= 1);
  expect(await pod.look("eye", "wc -l < /v/failed-1")).toBe("3\n");
});

behaviour(
  "probe-04",
  "events say that it was unhealthy, and that it is ended for it",
  from.probeTask,
  async () => {
    const pod = await living();
    await pod.untilContainer("a", ({ restartCount }) => restartCount >= 1);
    const events = await pod.events();
    expect(events).toContainEqual(expect.stringMatching(/^Unhealthy Liveness probe failed: /));
    expect(events).toContain("Killing Container a failed liveness probe, will be restarted");
  },
);

const reading = node.running(
  probedPod("reading", [
    idle("a", {
      ...v,
      readinessProbe: execProbe("echo x >> /v/probes; [ -e /v/ready ]", {
        failureThreshold: 2,
      }),
    }),
    idle("b", v),
  ]),
);
const readiness = async (ready: boolean) =>
  await (await reading()).untilContainer("a", (status) => status.ready === ready && status.started);

behaviour(
  "probe-05",
  "before its readiness probe has succeeded a container runs and is not ready",
  from.probes,
  async () => {
    const pod = await reading();
    expect(await readiness(false)).toMatchObject({ started: true, state: { running: {} } });
    expect(await pod.row()).toEqual(["reading", "1/2", "Running", "0"]);
    const { status } = await pod.get();
    expect(status.conditions.find(({ type }: { type: string }) => type === "Ready")).toMatchObject({
      status: "False",
      reason: "ContainersNotReady",
      message: "containers with unready status: [a]",
    });
  },
);

behaviour("probe-06", "when it succeeds the container, and so the pod, is ready", from.probes, async () => {
  const pod = await reading();
  await pod.look("b", ": > /v/probes; touch /v/ready");
  await readiness(true);
  expect(await pod.row()).toEqual(["reading", "2/2", "Running", "0"]);
});

const steady = node.running(
  probedPod("steady", [
    idle("a", {
      ...v,
      readinessProbe: execProbe("date +%s >> /v/successes", { periodSeconds: 20, successThreshold: 4 }),
    }),
  ]),
);

behaviour("probe-07", "it has to succeed successThreshold times in a row", from.probeTask, async () => {
  const pod = await steady();
  const { status } = await pod.until((now) => now.status.containerStatuses[0].ready);
  const ready = status.conditions.find(({ type }: { type: string }) => type === "Ready");
  const [first] = (await pod.look("a", "cat /v/successes")).split("\n").map(Number);
  // The fourth is 60 s after the first, at a speed of 20; times are in whole seconds.
  expect(Date.parse(ready.lastTransitionTime) / 1000 - (first as number)).toBeGreaterThanOrEqual(2);
});

behaviour(
  "probe-08",
  "when it fails again the container is not ready, and not restarted",
  from.probes,
  async () => {
    const pod = await reading();
    await readiness(true);
    await pod.look("b", "rm /v/ready");
    expect(await readiness(false)).toMatchObject({ restartCount: 0, state: { running: {} } });
    expect(await pod.row()).toEqual(["reading", "1/2", "Running", "0"]);
    expect(await pod.events()).toContainEqual(expect.stringMatching(/^Unhealthy Readiness probe failed: /));
  },
);
