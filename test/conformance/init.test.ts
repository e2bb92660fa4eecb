import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet();
const shared = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const volumes = [{ name: "v", emptyDir: {} }];
const mark = (name: string) => `echo ${name}-in >> /v/order; sleep 0.1; echo ${name}-out >> /v/order`;

const done = node.ended(
  pod(
    "done",
    [sh("app", "cat /v/order; ls /only-first 2>&1; hostname -i", shared), sh("b", "true", shared)],
    {
      initContainers: [
        sh(
          "first",
          `echo said by first; touch /only-first; ${mark("first")}; hostname -i > /v/address`,
          shared,
        ),
        sh("second", mark("second"), shared),
        sh("third", "cat /v/address; ls /only-first 2>&1 || true", shared),
      ],
      volumes,
      securityContext: { fsGroup: 8 },
    },
  ),
);

const failed = node.ended(
  pod("failed", [sh("app", "echo never"), sh("b", "echo never")], {
    initContainers: [
      sh("fine", "echo fine"),
      sh("bad", "echo oh no >&2; exit 3"),
      sh("unseen", "echo never"),
    ],
  }),
);

const busy = node.running(
  pod("busy", [idle("app", shared)], {
    initContainers: [sh("quick", "true"), sh("gate", "until [ -e /v/open ]; do sleep 0.05; done", shared)],
    volumes,
  }),
);

behaviour("init-01", "init containers run one after the other, each to its end", from.init, async () => {
  expect((await done()).printed("app").split("\n").slice(0, 4)).toEqual([
    "first-in",
    "first-out",
    "second-in",
    "second-out",
  ]);
});

behaviour("init-02", "app containers start once all init containers have succeeded", from.init, async () => {
  const pod = await done();
  const third = (await pod.status("third")).state.terminated;
  const app = (await pod.status("app")).state.terminated;
  expect(third).toMatchObject({ exitCode: 0, reason: "Completed" });
  expect(Date.parse(app.startedAt)).toBeGreaterThanOrEqual(Date.parse(third.finishedAt));
  expect(pod.code).toBe(0);
});

behaviour(
  "init-03",
  "what init containers write to a volume is there for the app containers",
  from.init,
  async () => {
    expect((await done()).printed("app")).toContain("second-out");
  },
);

behaviour("init-04", "each has a root file system of its own", from.init, async () => {
  const missing = /\/only-first: No such file/;
  expect((await done()).printed("third")).toMatch(missing);
  expect((await done()).printed("app")).toMatch(missing);
});

behaviour("init-05", "they are in the pod's network, with its address", from.init, async () => {
  const pod = await done();
  const [address] = pod.printed("third").split("\n");
  expect(address).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
  expect(pod.printed("app").trimEnd().split("\n").at(-1)).toBe(address);
});

behaviour("init-06", "after success they are Completed and count as ready", from.init, async () => {
  for (const name of ["first", "second", "third"]) {
    expect(await (await done()).status(name)).toMatchObject({
      ready: true,
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: "Completed" } },
    });
  }
});

behaviour(
  "init-07",
  "their status is in initContainerStatuses, in the manifest's order",
  from.init,
  async () => {
    const { status } = await (await done()).get();
    const names = (list: { name: string }[]) => list.map(({ name }) => name);
    expect(names(status.initContainerStatuses)).toEqual(["first", "second", "third"]);
    expect(names(status.containerStatuses)).toEqual(["app", "b"]);
  },
);

behaviour("init-08", "their logs can be read after the app containers have started", from.init, async () => {
  await done();
  expect(await node.tspod.ok(["logs", "done", "-c", "first"])).toBe("said by first\n");
});

behaviour("init-09", "one that fails, with restartPolicy Never, fails the pod", from.init, async () => {
  const pod = await failed();
  expect((await pod.get()).status.phase).toBe("Failed");
  expect(await pod.status("bad")).toMatchObject({
    ready: false,
    state: { terminated: { exitCode: 3, reason: "Error" } },
  });
});

behaviour(
  "init-10",
  "after a failed one neither later ones nor app containers start",
  from.init,
  async () => {
    const pod = await failed();
    for (const name of ["unseen", "app", "b"]) {
      expect((await pod.status(name)).state, name).toHaveProperty("waiting");
      expect(pod.printed(name)).toBe("");
    }
    expect((await pod.status("fine")).state.terminated.exitCode).toBe(0);
  },
);

behaviour("init-11", "STATUS of a pod whose init container failed is Init:Error", from.init, async () => {
  expect(await (await failed()).row()).toEqual(["failed", "0/2", "Init:Error", "0"]);
});

behaviour("init-12", "a failed init container's stderr is kept for logs", from.init, async () => {
  expect((await failed()).printed("bad", "stderr")).toBe("oh no\n");
  expect(await node.tspod.ok(["logs", "failed", "-c", "bad"])).toBe("oh no\n");
});

behaviour(
  "init-13",
  "until they are done the pod is Pending with Initialized false; STATUS counts them",
  from.init,
  async () => {
    const start = busy();
    const look = async () => {
      const rows = (await node.tspod.ok(["get", "pods", "--no-headers"])).split("\n");
      return rows.find((row) => row.startsWith("busy ") && row.includes("Init:1/2"));
    };
    expect(await eventually(look)).toMatch(/^busy +0\/1 +Init:1\/2 +0 /);
    const pod = JSON.parse(await node.tspod.ok(["get", "pod", "busy", "-o", "json"]));
    expect(pod.status.phase).toBe("Pending");
    expect(pod.status.conditions.find(({ type }: { type: string }) => type === "Initialized")).toMatchObject({
      status: "False",
      reason: "ContainersNotInitialized",
      message: "containers with incomplete status: [gate]",
    });
    expect(pod.status.containerStatuses[0]).toMatchObject({
      ready: false,
      state: { waiting: { reason: "PodInitializing" } },
    });
    await node.tspod.ok(["exec", "-c", "gate", "busy", "--", "touch", "/v/open"]);
    expect(await (await start).row()).toEqual(["busy", "1/1", "Running", "0"]);
  },
);
