import { join } from "node:path";
import { expect } from "vitest";
import { pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { imageWith } from "./support/image.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const loop = "while :; do sleep 0.05; done";
/** A running pod whose containers have all printed `ready`: their traps are set. */
const ready = async (play: ReturnType<typeof node.running>, ...containers: string[]) => {
  const pod = await play();
  for (const name of containers) await eventually(async () => /^ready$/m.test(await pod.logs(name)));
  return pod;
};
const ends = async (pod: {
  get(): Promise<{ status: { containerStatuses: { name: string; state: object }[] } }>;
}) => Object.fromEntries((await pod.get()).status.containerStatuses.map(({ name, state }) => [name, state]));

const usr1 = imageWith(join(node.tspod.dir, "usr1"), {
  Env: ["PATH=/usr/bin:/bin"],
  StopSignal: "SIGUSR1",
});
const heard = ["TERM", "USR1", "USR2", "QUIT"]
  .map((name) => `trap 'echo heard ${name}; exit 0' ${name}`)
  .join("; ");

const stopped = node.running(
  pod(
    "stopped",
    [
      sh("polite", `trap 'echo bye; exit 0' TERM; echo ready; ${loop}`),
      sh("coded", `trap 'exit 7' TERM; echo ready; ${loop}`),
      sh("deaf", `trap '' TERM; echo ready; ${loop}`),
      sh("image-signal", `${heard}; echo ready; ${loop}`, { image: usr1 }),
      sh("manifest-signal", `${heard}; echo ready; ${loop}`, {
        image: usr1,
        lifecycle: { stopSignal: "SIGUSR2" },
      } as never),
      sh("ended", "echo ready; exit 5"),
    ],
    { terminationGracePeriodSeconds: 6, os: { name: "linux" } },
  ),
);
let tookMs = 0;
const after = once(async () => {
  const pod = await ready(stopped, "polite", "coded", "deaf", "image-signal", "manifest-signal", "ended");
  const begun = Date.now();
  await pod.stop();
  tookMs = Date.now() - begun;
  return pod;
});

behaviour(
  "termination-01",
  "a container is asked with TERM and may end in its own way",
  from.lifecycle,
  async () => {
    const pod = await after();
    expect(await pod.logs("polite")).toBe("ready\nbye\n");
    expect(await ends(pod)).toMatchObject({ polite: { terminated: { exitCode: 0, reason: "Completed" } } });
  },
);

behaviour("termination-02", "its own exit code is the one that is reported", from.lifecycle, async () => {
  expect(await ends(await after())).toMatchObject({
    coded: { terminated: { exitCode: 7, reason: "Error" } },
  });
});

behaviour(
  "termination-03",
  "what runs on after the grace period is killed: 137",
  from.lifecycle,
  async () => {
    const state = (await ends(await after())).deaf;
    expect(state).toMatchObject({ terminated: { exitCode: 137, reason: "Error" } });
    expect(tookMs).toBeGreaterThanOrEqual(5900);
  },
);

behaviour("termination-04", "all containers are asked at the same time", from.lifecycle, async () => {
  const pod = await after();
  const { status } = await pod.get();
  const at = (name: string) =>
    Date.parse(
      status.containerStatuses.find((one: { name: string }) => one.name === name).state.terminated.finishedAt,
    );
  // The two polite ones did not wait for the deaf one's grace period.
  expect(at("deaf") - at("polite")).toBeGreaterThanOrEqual(1000);
  expect(at("deaf") - at("coded")).toBeGreaterThanOrEqual(1000);
});

behaviour("termination-05", "the image's STOPSIGNAL is sent in TERM's place", from.lifecycle, async () => {
  expect(await (await after()).logs("image-signal")).toBe("ready\nheard USR1\n");
});

behaviour(
  "termination-06",
  "lifecycle.stopSignal has the say over the image's",
  from.stopSignals,
  async () => {
    expect(await (await after()).logs("manifest-signal")).toBe("ready\nheard USR2\n");
  },
);

behaviour(
  "termination-07",
  "a container that had ended before keeps its exit code",
  from.lifecycle,
  async () => {
    expect(await ends(await after())).toMatchObject({ ended: { terminated: { exitCode: 5 } } });
  },
);

behaviour(
  "termination-08",
  "a pod is Terminating in STATUS while its containers take their time",
  from.lifecycle,
  async () => {
    const pod = await ready(
      node.running(
        single("slow", `trap 'until [ -e /go ]; do sleep 0.05; done; exit 0' TERM; echo ready; ${loop}`, 300),
      ),
      "a",
    );
    const stopping = node.tspod.start(["rm", "slow"]);
    await eventually(async () => (await pod.row())[2] === "Terminating");
    const { metadata } = await pod.get();
    expect(Date.parse(metadata.deletionTimestamp)).not.toBeNaN();
    await node.tspod.ok(["exec", "slow", "--", "touch", "/go"]);
    expect((await stopping.outcome()).code).toBe(0);
  },
);

behaviour(
  "termination-09",
  "deleting with a grace period of its own has the say over the manifest's",
  from.lifecycle,
  async () => {
    const pod = await ready(node.running(single("short", `trap '' TERM; echo ready; ${loop}`, 300)), "a");
    const begun = Date.now();
    await node.tspod.ok(["rm", "-t", "1", pod.name]);
    expect(Date.now() - begun).toBeGreaterThanOrEqual(900);
    expect((await node.tspod.run(["get", "pod", "short"])).stderr).toContain('"short" not found');
  },
);

behaviour("termination-10", "a forced deletion gives no time at all", from.lifecycle, async () => {
  const pod = await ready(node.running(single("forced", `trap '' TERM; echo ready; ${loop}`, 300)), "a");
  await node.tspod.ok(["rm", "-f", pod.name]);
  expect((await node.tspod.run(["get", "pod", "forced"])).stderr).toContain('"forced" not found');
});

behaviour(
  "termination-11",
  "grace periods are 30 seconds where the manifest says nothing",
  from.lifecycle,
  async () => {
    const manifest = single("default", "exit 0", undefined);
    const printed = await node.tspod.ok(["validate", "-o", "json", node.tspod.manifest(manifest)]);
    const document = JSON.parse(printed);
    const { spec } = document.items?.[0] ?? document;
    expect(spec.terminationGracePeriodSeconds).toBe(30);
  },
);

const codes = node.ended(
  pod(
    "codes",
    [
      sh("zero", "exit 0"),
      sh("three", "exit 3"),
      sh("top", "exit 255"),
      sh("killed", "kill -KILL $$$$"),
      sh("terminated", "kill -TERM $$$$; sleep 5"),
    ],
    { shareProcessNamespace: true },
  ),
);

behaviour("termination-12", "exit codes from 0 to 255 are reported as they are", from.lifecycle, async () => {
  expect(await ends(await codes())).toMatchObject({
    zero: { terminated: { exitCode: 0, reason: "Completed" } },
    three: { terminated: { exitCode: 3, reason: "Error" } },
    top: { terminated: { exitCode: 255, reason: "Error" } },
  });
});

behaviour(
  "termination-13",
  "an end by a signal is reported as 128 and its number",
  from.determineFailure,
  async () => {
    expect(await ends(await codes())).toMatchObject({
      killed: { terminated: { exitCode: 137, reason: "Error" } },
      terminated: { terminated: { exitCode: 143, reason: "Error" } },
    });
  },
);

behaviour(
  "termination-14",
  "a terminated state tells when it started and when it ended, and which container",
  from.lifecycle,
  async () => {
    const { terminated } = (await (await codes()).status("three")).state;
    expect(Date.parse(terminated.startedAt)).toBeLessThanOrEqual(Date.parse(terminated.finishedAt));
    expect(terminated.containerID).toMatch(/^\w+:\/\/\S+/);
  },
);

behaviour(
  "termination-15",
  "a pod that is being deleted tells how much time it has, and when it is over",
  from.lifecycle,
  async () => {
    const pod = await ready(node.running(single("timed", `trap '' TERM; echo ready; ${loop}`, 300)), "a");
    const asked = Date.now();
    const stopping = node.tspod.start(["rm", "-t", "20", "timed"]);
    await eventually(async () => (await pod.get()).metadata.deletionTimestamp);
    const { metadata } = await pod.get();
    await node.tspod.run(["kill", "timed"]);
    await stopping.outcome();
    expect(metadata.deletionGracePeriodSeconds).toBe(20);
    expect(Date.parse(metadata.deletionTimestamp)).toBeGreaterThanOrEqual(asked + 19_000);
  },
);

function single(name: string, script: string, terminationGracePeriodSeconds?: number) {
  const made = pod(name, [sh("a", script)]);
  const { terminationGracePeriodSeconds: _, ...spec } = made.spec as NonNullable<typeof made.spec>;
  return {
    ...made,
    spec: { ...spec, ...(terminationGracePeriodSeconds && { terminationGracePeriodSeconds }) },
  };
}
