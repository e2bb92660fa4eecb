import { expect } from "vitest";
import type { Container, Pod, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 20 });
type Probe = Container["livenessProbe"];
const exec = (script: string, more: Partial<NonNullable<Probe>> = {}): Probe => ({
  exec: { command: ["sh", "-c", script] },
  periodSeconds: 4,
  timeoutSeconds: 60,
  ...more,
});
const lines = (text: string) => text.split("\n").filter((line) => line !== "").length;
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const make = (name: string, containers: Container[], spec: Partial<PodSpec> = {}): Pod =>
  pod(name, containers, { restartPolicy: "Always", volumes: [{ name: "v", emptyDir: {} }], ...spec });
const loop = "while :; do sleep 0.05; done";

const living = node.running(
  make("living", [
    sh("a", `echo start >> /v/starts; trap 'echo TERM >> /v/ends; exit 3' TERM; touch /alive; ${loop}`, {
      ...v,
      livenessProbe: exec(
        "echo x >> /v/probes; [ ! -e /v/sick ] || { echo x >> /v/failed-$(wc -l < /v/starts); exit 1; }",
        {
          failureThreshold: 3,
        },
      ),
    }),
    idle("eye", v),
  ]),
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
  make("reading", [
    idle("a", {
      ...v,
      readinessProbe: exec("echo x >> /v/probes; [ -e /v/ready ]", {
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
  make("steady", [
    idle("a", {
      ...v,
      readinessProbe: exec("date +%s >> /v/successes", { periodSeconds: 20, successThreshold: 4 }),
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

const starting = node.running(
  make("starting", [
    idle("a", {
      ...v,
      startupProbe: exec("[ -e /v/started ]", { failureThreshold: 1000 }),
      livenessProbe: exec("echo x >> /v/liveness"),
      readinessProbe: exec("echo x >> /v/readiness"),
    }),
    idle("b", v),
  ]),
);

behaviour(
  "probe-09",
  "until its startup probe has succeeded a container is neither started nor ready",
  from.probes,
  async () => {
    const pod = await starting();
    await eventually(async () =>
      (await pod.events()).some((line) => /^Unhealthy Startup probe failed: /.test(line)),
    );
    expect(await pod.status("a")).toMatchObject({ started: false, ready: false, state: { running: {} } });
  },
);

behaviour("probe-10", "until then the other probes are not made", from.probes, async () => {
  const pod = await starting();
  expect(await pod.look("b", "ls /v")).toBe("");
  await pod.look("b", "touch /v/started");
  await pod.untilContainer("a", ({ started, ready }) => started && ready);
  await eventually(async () => (await pod.look("b", "ls /v")) === "liveness\nreadiness\nstarted\n");
});

const slow = node.running(
  make(
    "slow",
    [
      idle("never-up", { startupProbe: exec("exit 1", { failureThreshold: 2 }) }),
      idle("hanging", { livenessProbe: exec("sleep 30", { timeoutSeconds: 2, failureThreshold: 1 }) }),
      idle("later", { ...v, readinessProbe: exec("date +%s > /v/later", { initialDelaySeconds: 60 }) }),
      sh("quick", `trap '' TERM; ${loop}`, {
        livenessProbe: exec("exit 1", { failureThreshold: 1, terminationGracePeriodSeconds: 20 }),
      }),
      idle("eye", v),
    ],
    { terminationGracePeriodSeconds: 100_000 },
  ),
);

behaviour(
  "probe-11",
  "a startup probe that fails to the end has the container restarted",
  from.probes,
  async () => {
    const pod = await slow();
    expect(
      (await pod.untilContainer("never-up", ({ restartCount }) => restartCount >= 1)).lastState,
    ).toHaveProperty("terminated");
    expect(await pod.events()).toContain(
      "Killing Container never-up failed startup probe, will be restarted",
    );
  },
);

behaviour(
  "probe-12",
  "a probe that takes longer than timeoutSeconds has failed",
  from.probeTask,
  async () => {
    const pod = await slow();
    await pod.untilContainer("hanging", ({ restartCount }) => restartCount >= 1);
    expect(await pod.events()).toContainEqual(
      expect.stringMatching(/^Unhealthy Liveness probe failed: .*timed out/),
    );
  },
);

behaviour(
  "probe-13",
  "the first probe is initialDelaySeconds after the start, and without a result a container is not ready",
  from.probeTask,
  async () => {
    const pod = await slow();
    const started = Date.parse((await pod.status("later")).state.running.startedAt);
    await pod.untilContainer("later", ({ ready }) => ready);
    const at = Number(await pod.look("eye", "cat /v/later")) * 1000;
    // 60 s at a speed of 20; times are in whole seconds.
    expect(at - started).toBeGreaterThanOrEqual(2000);
  },
);

behaviour(
  "probe-14",
  "a probe's own terminationGracePeriodSeconds has the say over the pod's",
  from.probeTask,
  async () => {
    const status = await (await slow()).untilContainer("quick", ({ restartCount }) => restartCount >= 1);
    expect(status.lastState.terminated).toMatchObject({ exitCode: 137 });
  },
);

const never = node.ended(
  make("never", [sh("a", loop, { livenessProbe: exec("exit 1", { failureThreshold: 1 }) })], {
    restartPolicy: "Never",
    terminationGracePeriodSeconds: 1,
  }),
);

behaviour(
  "probe-15",
  "under restartPolicy Never a failed liveness probe ends the container for good",
  from.probes,
  async () => {
    const pod = await never();
    expect(await pod.status("a")).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 137 } },
    });
    expect((await pod.get()).status.phase).toBe("Failed");
  },
);

behaviour(
  "probe-16",
  "liveness and startup probes cannot ask for more than one success",
  from.probeTask,
  async () => {
    const wrong = make("wrong", [idle("a", { livenessProbe: exec("true", { successThreshold: 2 }) })]);
    expect(await node.refused(wrong)).toContain("must be 1");
  },
);

behaviour(
  "probe-17",
  "without numbers a probe is made every 10 s, waits 1 s, and fails at the third time",
  from.probeTask,
  async () => {
    const file = node.tspod.manifest(
      make("defaults", [idle("a", { livenessProbe: { tcpSocket: { port: 80 } } })]),
    );
    const document = JSON.parse(await node.tspod.ok(["validate", "-o", "json", file]));
    const { spec } = document.items?.[0] ?? document;
    expect(spec.containers[0].livenessProbe).toMatchObject({
      periodSeconds: 10,
      timeoutSeconds: 1,
      failureThreshold: 3,
      successThreshold: 1,
    });
  },
);
