import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const SPEED = 50;
const node = kubelet({ speed: SPEED });
const quick = kubelet({ speed: 200 });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const volumes = [{ name: "v", emptyDir: {} }];

const crashing = node.running(
  pod("crashing", [sh("a", "cut -d' ' -f1 /proc/uptime >> /v/starts; exit 1", v), idle("eye", v)], {
    restartPolicy: "Always",
    volumes,
  }),
);

behaviour(
  "sandbox-09",
  "a container in CrashLoopBackOff waits as long as before when its pod gets a new sandbox",
  from.lifecycle,
  async () => {
    const running = await crashing();
    // Whatever the back-off is that is seen: the longest lasts long enough for the slowest to see it.
    const backOff = ({ state }: { state: { waiting?: { message: string } } }) =>
      /^back-off (?:(\d+)m)?(\d+)s /.exec(state.waiting?.message ?? "");
    const held = await running.untilContainer("a", (one) => one.restartCount >= 3 && backOff(one) !== null);
    const { restartCount } = held;
    const [, minutes = "0", seconds = "0"] = backOff(held) ?? [];
    const delay = Number(minutes) * 60 + Number(seconds);
    process.kill((await node.tspod.inspect("crashing")).status.infra.pid, "SIGKILL");
    await running.untilContainer("a", (status) => status.restartCount > restartCount);
    const starts = await eventually(async () => {
      const lines = (await running.look("eye", "cat /v/starts")).trim().split("\n").map(Number);
      return lines.length > restartCount + 1 && lines;
    });
    const [before = 0, after = 0] = starts.slice(restartCount);
    expect(delay).toBeGreaterThanOrEqual(10);
    expect((after - before) * SPEED).toBeGreaterThanOrEqual(delay);
  },
);

behaviour(
  "sandbox-10",
  "under restartPolicy Never an init container is enough: without its sandbox the pod is over",
  from.lifecycle,
  async () => {
    const run = node.start(
      pod("early", [idle("a")], { restartPolicy: "Never", initContainers: [sh("init", "sleep 3600")] }),
    );
    const { status } = await eventually(async () => {
      const { stdout } = await node.tspod.run(["inspect", "early", "-o", "json"]);
      const now = stdout !== "" && JSON.parse(stdout);
      return now.status?.initContainerStatuses?.[0].state.running && now;
    });
    process.kill(status.infra.pid, "SIGKILL");
    expect(await run.outcome()).toMatchObject({ code: 137 });
    const ended = await node.tspod.inspect("early");
    expect(ended.status).toMatchObject({
      phase: "Failed",
      initContainerStatuses: [{ restartCount: 0 }],
      containerStatuses: [{ restartCount: 0, state: { waiting: {} } }],
    });
    expect(await node.tspod.ok(["events", "early"])).not.toContain("SandboxChanged");
  },
);

behaviour(
  "backoff-10",
  "one that is ended for its liveness probe starts again at once if it has run for longer than its back-off",
  from.crashLoop,
  async () => {
    // Longer than any back-off.
    const probe = { exec: { command: ["false"] }, initialDelaySeconds: 400, failureThreshold: 1 };
    const fast = await quick.running(
      pod("unwell", [idle("a", { livenessProbe: probe })], { restartPolicy: "Always" }),
    )();
    await fast.untilContainer("a", ({ restartCount }) => restartCount >= 3);
    expect((await fast.events()).join("\n")).not.toMatch(/^BackOff /m);
  },
);

behaviour(
  "sidecar-14",
  "an event tells of a sidecar that is ended for its liveness probe, as of an init container",
  from.sidecarKep,
  async () => {
    const probe = {
      exec: { command: ["test", "!", "-e", "/v/sick"] },
      periodSeconds: 1,
      timeoutSeconds: 3000,
      failureThreshold: 1,
    };
    const side = { ...idle("side", { ...v, livenessProbe: probe }), restartPolicy: "Always" };
    const running = await node.running(
      pod("sick", [idle("app", v)], { initContainers: [side as never], volumes }),
    )();
    await running.look("app", "touch /v/sick");
    const told = "Killing Init container side failed liveness probe";
    await eventually(async () => (await running.events()).includes(told));
    await running.look("app", "rm /v/sick");
  },
);
