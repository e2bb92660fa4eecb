import { expect } from "vitest";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { eventually } from "../support/tspod.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { once } from "./support/once.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 50 });
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
/** Fails with 42 at its first start, and then stays. */
const failing =
  "echo watcher >> /v/order; [ -e /v/failed ] || { touch /v/failed; exit 42; }; trap exit TERM; sleep 3600 & wait";
const play = node.running(
  pod(
    "whole",
    [
      idle("worker", v),
      sh("watcher", failing, {
        ...v,
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } }],
      } as object),
    ],
    {
      restartPolicy: "Never",
      initContainers: [sh("init", "echo init >> /v/order", v)],
      volumes: [{ name: "v", emptyDir: {} }],
    },
  ),
);
const renewed = once(async () => {
  const running = await play();
  const status = await running.untilContainer(
    "watcher",
    ({ restartCount, ready }) => restartCount === 1 && ready,
  );
  return { running, status };
});

behaviour(
  "restart-20",
  "RestartAllContainers starts every container of the pod again",
  from.restartAll,
  async () => {
    const { running, status } = await renewed();
    expect(status.lastState.terminated).toMatchObject({ exitCode: 42 });
    expect(await running.status("worker")).toMatchObject({ restartCount: 1, ready: true });
  },
);

behaviour("restart-21", "init containers run again first", from.restartAll, async () => {
  const { running } = await renewed();
  // A container is ready when it has been started; what it then writes takes its time.
  const order = await eventually(async () => {
    const lines = (await running.look("worker", "cat /v/order")).trim().split("\n");
    return lines.length >= 4 && lines;
  });
  expect(order).toEqual(["init", "watcher", "init", "watcher"]);
});

behaviour("restart-22", "the pod keeps its uid, sandbox, address and volumes", from.restartAll, async () => {
  const { running } = await renewed();
  expect(await running.look("worker", "ls /v/failed")).toBe("/v/failed\n");
  const events = await running.events();
  expect(events.filter((line) => line.startsWith("SandboxCreated "))).toHaveLength(1);
});

const early = node.running(
  pod(
    "early",
    [
      // Ends while its hook runs: the other has not been started when all are to begin anew.
      sh("first", failing, {
        ...v,
        lifecycle: { postStart: { sleep: { seconds: 20 } } },
        restartPolicy: "Never",
        restartPolicyRules: [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } }],
      } as object),
      idle("second", v),
    ],
    { restartPolicy: "Never", terminationGracePeriodSeconds: 30, volumes: [{ name: "v", emptyDir: {} }] },
  ),
);

behaviour(
  "restart-23",
  "so does a container that asks for it before all have been started",
  from.restartAll,
  async () => {
    const running = await early();
    await running.untilContainer("first", ({ restartCount, ready }) => restartCount === 1 && ready);
    await running.untilContainer("second", ({ ready }) => ready);
    expect((await running.row()).slice(0, 3)).toEqual(["early", "2/2", "Running"]);
  },
);
