import { expect } from "vitest";
import { idle, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { execProbe, probedPod, v } from "./support/probes.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 20 });
const loop = "while :; do sleep 0.05; done";

const starting = node.running(
  probedPod("starting", [
    idle("a", {
      ...v,
      startupProbe: execProbe("[ -e /v/started ]", { failureThreshold: 1000 }),
      livenessProbe: execProbe("echo x >> /v/liveness"),
      readinessProbe: execProbe("echo x >> /v/readiness"),
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
  probedPod(
    "slow",
    [
      idle("never-up", { startupProbe: execProbe("exit 1", { failureThreshold: 2 }) }),
      idle("hanging", { livenessProbe: execProbe("sleep 30", { timeoutSeconds: 2, failureThreshold: 1 }) }),
      idle("later", { ...v, readinessProbe: execProbe("date +%s > /v/later", { initialDelaySeconds: 60 }) }),
      sh("quick", `trap '' TERM; ${loop}`, {
        livenessProbe: execProbe("exit 1", { failureThreshold: 1, terminationGracePeriodSeconds: 20 }),
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
  probedPod("never", [sh("a", loop, { livenessProbe: execProbe("exit 1", { failureThreshold: 1 }) })], {
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
    const wrong = probedPod("wrong", [
      idle("a", { livenessProbe: execProbe("true", { successThreshold: 2 }) }),
    ]);
    expect(await node.refused(wrong)).toContain("must be 1");
  },
);

behaviour(
  "probe-17",
  "without numbers a probe is made every 10 s, waits 1 s, and fails at the third time",
  from.probeTask,
  async () => {
    const file = node.tspod.manifest(
      probedPod("defaults", [idle("a", { livenessProbe: { tcpSocket: { port: 80 } } })]),
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
