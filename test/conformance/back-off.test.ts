import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import type { ApiObject } from "./support/api-object.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import type { RunningPod } from "./support/running-pod.ts";
import { from } from "./support/sources.ts";

const SPEED = 100;
const node = kubelet({ speed: SPEED });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const volumes = [{ name: "v", emptyDir: {} }];
/** Seconds since the machine started, at the start of each run, one a line. */
const note = "cut -d' ' -f1 /proc/uptime >> /v/starts";
const spec = { restartPolicy: "Always" as const, volumes };

const crashing = node.running(pod("crashing", [sh("a", `${note}; exit 1`, v), idle("eye", v)], spec));
const healed = node.running(
  // The sixth run lasts longer than ten minutes of a pod's life.
  pod(
    "healed",
    [sh("a", `${note}; [ $(wc -l < /v/starts) -ne 6 ] || sleep 7; exit 1`, v), idle("eye", v)],
    spec,
  ),
);
const initial = node.running(
  pod("initial", [idle("app")], { restartPolicy: "Always", initContainers: [sh("bad", "exit 1")] }),
);

/** Pod seconds between the starts of the runs so far. */
async function gaps(pod: RunningPod, count: number): Promise<number[]> {
  const starts = await eventually(async () => {
    const lines = (await pod.look("eye", "cat /v/starts")).trim().split("\n").map(Number);
    return lines.length > count && lines;
  });
  return starts.slice(1).map((start, index) => (start - (starts[index] as number)) * SPEED);
}

/** Every message and STATUS that the crashing pod has shown until it waited for five minutes twice. */
const seen = once(async () => {
  const pod = await crashing();
  const shown = { messages: new Set<string>(), last: undefined as ApiObject };
  let longest = new Set<number>();
  await eventually(async () => {
    const now = await pod.get();
    const [status] = now.status.containerStatuses;
    const message = status.state.waiting?.message;
    if (message === undefined) return false;
    shown.messages.add(message);
    if (message.startsWith("back-off 5m0s")) longest = longest.add(status.restartCount);
    shown.last = now;
    return longest.size >= 2;
  });
  return shown;
});

behaviour(
  "backoff-01",
  "a container that ends again and again waits 10, 20, 40, 80 and 160 s between its runs",
  from.lifecycle,
  async () => {
    const found = await gaps(await crashing(), 6);
    for (const [index, seconds] of [0, 10, 20, 40, 80, 160].entries())
      expect(found[index], `before run ${index + 2}`).toBeGreaterThanOrEqual(seconds);
  },
);

behaviour("backoff-02", "the first restart does not wait", from.lifecycle, async () => {
  await seen();
  const pod = await crashing();
  const { items } = JSON.parse(await pod.tspod.ok(["events", pod.name, "-o", "json"]));
  const count = (text: RegExp): number =>
    items.find(({ reason, message }: ApiObject) => text.test(`${reason} ${message}`)).count;
  // Each wait is told once. The one after the first run would be as many as there were runs.
  expect(count(/^BackOff .* container a /)).toBeLessThan(count(/^Started .* container a$/));
});

behaviour("backoff-03", "it waits five minutes at most", from.lifecycle, async () => {
  const { messages } = await seen();
  const delays = [...messages].map((message) => /^back-off (\S+) /.exec(message)?.[1]);
  expect(delays).toContain("5m0s");
  for (const delay of delays) expect(["10s", "20s", "40s", "1m20s", "2m40s", "5m0s"]).toContain(delay);
});

behaviour(
  "backoff-04",
  "while it waits it is waiting with reason CrashLoopBackOff, and what it waits for",
  from.determineFailure,
  async () => {
    const { last } = await seen();
    const [status] = last.status.containerStatuses;
    expect(status).toMatchObject({
      ready: false,
      started: false,
      state: {
        waiting: {
          reason: "CrashLoopBackOff",
          message: `back-off 5m0s restarting failed container=a pod=crashing_default(${last.metadata.uid})`,
        },
      },
    });
    expect(status.lastState.terminated).toMatchObject({ exitCode: 1, reason: "Error" });
    expect(last.status.phase).toBe("Running");
  },
);

behaviour(
  "backoff-05",
  "STATUS is CrashLoopBackOff, and RESTARTS says when the last one was",
  from.lifecycle,
  async () => {
    await seen();
    const pod = await crashing();
    const row = await eventually(async () => {
      const text = await pod.tspod.ok(["get", "pods", "--no-headers", pod.name]);
      return text.includes("CrashLoopBackOff") && text;
    });
    expect(row).toMatch(/^crashing +1\/2 +CrashLoopBackOff +\d+ \(\S+ ago\) /);
  },
);

behaviour("backoff-06", "an event says that it is held back", from.determineFailure, async () => {
  await seen();
  const { metadata } = await (await crashing()).get();
  expect(await (await crashing()).events()).toContain(
    `BackOff Back-off restarting failed container a in pod crashing_default(${metadata.uid})`,
  );
});

behaviour("backoff-07", "its neighbours do not wait for it", from.lifecycle, async () => {
  await seen();
  expect(await (await crashing()).status("eye")).toMatchObject({ ready: true, restartCount: 0 });
});

behaviour(
  "backoff-08",
  "after ten minutes of running a container's past is forgotten",
  from.lifecycle,
  async () => {
    const found = await gaps(await healed(), 7);
    for (const [index, seconds] of [0, 10, 20, 40, 80].entries())
      expect(found[index]).toBeGreaterThanOrEqual(seconds);
    expect(found[5]).toBeGreaterThanOrEqual(700);
    // Not forgotten, it would be five minutes by now.
    const { restartCount, state } = await (await healed()).untilContainer(
      "a",
      (now) => now.restartCount >= 6 && now.state.waiting?.reason === "CrashLoopBackOff",
    );
    const delay = ["10s", "20s", "40s", "1m20s", "2m40s"][restartCount - 6] ?? "5m0s";
    expect(state.waiting.message).toMatch(new RegExp(`^back-off ${delay} `));
  },
);

behaviour(
  "backoff-09",
  "an init container that fails again and again is held back too: Init:CrashLoopBackOff",
  from.init,
  async () => {
    const pod = await initial();
    await eventually(async () => (await pod.row())[2] === "Init:CrashLoopBackOff");
    const now = await pod.untilContainer("bad", ({ state }) => state.waiting?.reason === "CrashLoopBackOff");
    expect(now.restartCount).toBeGreaterThanOrEqual(1);
    expect((await pod.get()).status.phase).toBe("Pending");
  },
);
