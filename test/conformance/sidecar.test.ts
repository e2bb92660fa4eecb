import { expect } from "vitest";
import type { Container, Pod, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 10 });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
const loop = "while :; do sleep 0.02; done";
const path = `${node.tspod.dir}/sidecars`;
const make = (
  name: string,
  initContainers: Container[],
  containers: Container[],
  spec: Partial<PodSpec> = {},
): Pod => pod(name, containers, { initContainers, volumes: [{ name: "v", emptyDir: {} }], ...spec });
const sidecar = (name: string, script: string, more: Partial<Container> = {}) =>
  sh(name, script, { ...v, restartPolicy: "Always", ...more } as Partial<Container>);
/** Says when it starts, and when it is asked to end, in a file that all see. */
const noting = (name: string, more: Partial<Container> = {}) =>
  sidecar(name, `echo ${name} >> /v/order; trap 'echo ${name}-TERM >> /v/order; exit 0' TERM; ${loop}`, more);

const job = node.ended(
  make(
    "job",
    [
      // Its hook is part of its start: what it notes is there before the next one begins.
      noting("one", {
        lifecycle: {
          postStart: { exec: { command: ["sh", "-c", "until grep -q one /v/order; do sleep 0.02; done"] } },
        },
      }),
      sh("init", "echo init >> /v/order", v),
      noting("two", {
        startupProbe: {
          exec: { command: ["sh", "-c", "sleep 0.3; echo two-up >> /v/order"] },
          timeoutSeconds: 600,
        },
      }),
    ],
    [sh("app", "echo app >> /v/order; sleep 0.3; echo app-out >> /v/order; exit 0", v)],
    {
      restartPolicy: "Never",
      terminationGracePeriodSeconds: 600,
      volumes: [{ name: "v", hostPath: { path, type: "DirectoryOrCreate" } }],
    },
  ),
);
const order = once(async () => {
  await job();
  const reader = node.ended(
    pod("reader", [sh("a", "cat /v/order", v)], { volumes: [{ name: "v", hostPath: { path } }] }),
  );
  return (await reader()).printed("a").trim().split("\n");
});
const isBefore = async (first: string, second: string) => {
  const all = await order();
  expect(all).toEqual(expect.arrayContaining([first, second]));
  expect(all.indexOf(first), `${first} before ${second}`).toBeLessThan(all.indexOf(second));
};

behaviour(
  "sidecar-01",
  "sidecars and init containers start in the manifest's order",
  from.sidecars,
  async () => {
    await isBefore("one", "init");
    await isBefore("init", "two");
  },
);

behaviour(
  "sidecar-02",
  "the next one does not wait for a sidecar's end, only for its start",
  from.sidecars,
  async () => {
    await isBefore("init", "one-TERM");
    await isBefore("two", "one-TERM");
  },
);

behaviour(
  "sidecar-03",
  "a sidecar with a startup probe counts as started when that has succeeded",
  from.sidecarKep,
  async () => {
    await isBefore("two-up", "app");
  },
);

behaviour("sidecar-04", "sidecars run until the app containers have ended", from.sidecars, async () => {
  await isBefore("app-out", "one-TERM");
  await isBefore("app-out", "two-TERM");
});

behaviour("sidecar-05", "they are ended in the reverse of their order", from.sidecars, async () => {
  await isBefore("two-TERM", "one-TERM");
});

behaviour(
  "sidecar-06",
  "a pod whose app containers have succeeded is Succeeded, whatever its sidecars do",
  from.sidecars,
  async () => {
    const pod = await job();
    expect((await pod.get()).status.phase).toBe("Succeeded");
    expect(pod.code).toBe(0);
    expect((await pod.row())[2]).toBe("Completed");
  },
);

const served = node.running(
  make(
    "served",
    [
      sidecar(
        "flaky",
        `echo x >> /v/flaky; [ $(wc -l < /v/flaky) -gt 1 ] || exit 3; trap exit TERM; ${loop}`,
      ),
      sidecar("probed", `trap exit TERM; ${loop}`, {
        readinessProbe: { exec: { command: ["ls", "/v/ready"] }, periodSeconds: 2, timeoutSeconds: 600 },
      }),
    ],
    [idle("app", v)],
    { restartPolicy: "Never" },
  ),
);

behaviour(
  "sidecar-07",
  "a sidecar that ends is started again, whatever the pod's policy",
  from.sidecars,
  async () => {
    const status = await (await served()).untilContainer(
      "flaky",
      ({ restartCount, ready }) => restartCount >= 1 && ready,
    );
    expect(status.lastState.terminated).toMatchObject({ exitCode: 3 });
  },
);

behaviour(
  "sidecar-08",
  "sidecars count in READY, and their readiness in the pod's",
  from.sidecars,
  async () => {
    const pod = await served();
    await pod.untilContainer("flaky", ({ ready }) => ready);
    await pod.untilContainer("app", ({ ready }) => ready);
    expect((await pod.row())[1]).toBe("2/3");
    const ready = async () =>
      (await pod.get()).status.conditions.find(({ type }: { type: string }) => type === "Ready");
    expect(await ready()).toMatchObject({
      status: "False",
      message: "containers with unready status: [probed]",
    });
    await pod.look("app", "touch /v/ready");
    await eventually(async () => (await ready()).status === "True");
    expect((await pod.row()).slice(0, 3)).toEqual(["served", "3/3", "Running"]);
  },
);

behaviour(
  "sidecar-09",
  "their status is among the init containers', running, started and ready",
  from.sidecarKep,
  async () => {
    const pod = await served();
    await pod.untilContainer("flaky", ({ ready }) => ready);
    const { status } = await pod.get();
    expect(status.initContainerStatuses.map(({ name }: { name: string }) => name)).toEqual([
      "flaky",
      "probed",
    ]);
    expect(status.initContainerStatuses[0]).toMatchObject({
      started: true,
      ready: true,
      state: { running: {} },
    });
  },
);

const gated = node.running(
  make(
    "gated",
    [
      sidecar("gate", `trap exit TERM; ${loop}`, {
        startupProbe: {
          exec: { command: ["ls", "/v/open"] },
          periodSeconds: 1,
          timeoutSeconds: 600,
          failureThreshold: 10_000,
        },
      }),
    ],
    [idle("app")],
  ),
);

behaviour(
  "sidecar-10",
  "until it has started the app containers wait, and the pod is Pending",
  from.sidecars,
  async () => {
    const start = gated();
    const row = await eventually(async () => {
      const rows = await node.tspod.ok(["get", "pods", "--no-headers"]);
      return /^gated +.*$/m.exec(rows)?.[0].includes("Init:0/1") && /^gated +.*$/m.exec(rows)?.[0];
    });
    expect(row).toMatch(/^gated +0\/2 +Init:0\/1 /);
    const pod = JSON.parse(await node.tspod.ok(["get", "pod", "gated", "-o", "json"]));
    expect(pod.status.phase).toBe("Pending");
    expect(pod.status.containerStatuses[0].state).toMatchObject({ waiting: { reason: "PodInitializing" } });
    await node.tspod.ok(["exec", "-c", "gate", "gated", "--", "touch", "/v/open"]);
    await (await start).untilContainer("app", ({ ready }) => ready);
    expect(await (await start).row()).toEqual(["gated", "2/2", "Running", "0"]);
  },
);

behaviour(
  "sidecar-11",
  "a pod with a failed app container is Failed though its sidecar ran on",
  from.sidecars,
  async () => {
    const ended = node.ended(
      make("bad", [noting("side")], [sh("app", "exit 9")], { restartPolicy: "Never" }),
    );
    expect((await ended()).code).toBe(9);
    expect((await (await ended()).get()).status.phase).toBe("Failed");
  },
);

behaviour(
  "sidecar-13",
  "how a sidecar ends does not count: the pod succeeds when its app containers have",
  from.sidecars,
  async () => {
    const side = sidecar("side", `trap 'exit 3' TERM; ${loop}`);
    const spec = { restartPolicy: "Never", terminationGracePeriodSeconds: 600 } as const;
    const ended = node.ended(make("counts", [side], [sh("app", "sleep 0.2")], spec));
    expect(await (await ended()).status("side")).toMatchObject({ state: { terminated: { exitCode: 3 } } });
    expect((await (await ended()).get()).status.phase).toBe("Succeeded");
    expect((await ended()).code).toBe(0);
  },
);

behaviour(
  "sidecar-12",
  "init containers may only have Always as a policy of their own to be sidecars",
  from.sidecars,
  async () => {
    const wrong = make("wrong", [sh("i", "true", { restartPolicy: "Sometimes" } as object)], [idle("a")]);
    expect(await node.refused(wrong)).toMatch(/restartPolicy: Unsupported value: "Sometimes"/);
  },
);
