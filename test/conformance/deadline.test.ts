import { beforeAll, expect } from "vitest";
import type { PodSpec } from "../../src/manifest/index.ts";
import { pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 10 });
const loop = "while :; do sleep 0.05; done";

const terminal = (name: string, script: string, more: Partial<PodSpec> = {}) =>
  node.ended(
    pod(name, [sh("a", script)], {
      activeDeadlineSeconds: 120,
      restartPolicy: "OnFailure",
      terminationGracePeriodSeconds: 600,
      ...more,
    }),
  );
const polite = `trap 'echo heard; exit 0' TERM; ${loop}`;
const late = terminal("late", `trap 'echo heard; exit 3' TERM; ${loop}`);
const done = terminal("done", polite);
const stuck = terminal("stuck", "echo never", { initContainers: [sh("stuck", polite)] });
const timely = terminal("timely", "exit 0", { activeDeadlineSeconds: 6000 });
// Twelve seconds pass for all of them at once.
beforeAll(() => {
  for (const play of [late, done, stuck, timely]) play().catch(() => undefined);
});

behaviour(
  "deadline-01",
  "a pod that is active longer than activeDeadlineSeconds is Failed: DeadlineExceeded",
  from.init,
  async () => {
    expect((await (await late()).get()).status).toMatchObject({
      phase: "Failed",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
  },
);

behaviour(
  "deadline-02",
  "its containers are ended with TERM and a grace period, and not started again",
  from.lifecycle,
  async () => {
    expect((await late()).printed("a")).toBe("heard\n");
    expect(await (await late()).status("a")).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 3 } },
    });
  },
);

behaviour("deadline-03", "an event says so", from.lifecycle, async () => {
  await late();
  expect(await node.tspod.ok(["events", "late"])).toMatch(
    /DeadlineExceeded .*Pod was active on the node longer than/,
  );
});

behaviour("deadline-04", "init containers count too", from.init, async () => {
  const pod = await stuck();
  expect((await pod.get()).status).toMatchObject({ phase: "Failed", reason: "DeadlineExceeded" });
  expect(pod.printed("a")).toBe("");
  expect(pod.code).not.toBe(0);
});

behaviour("deadline-05", "a pod that has ended in time is not touched", from.lifecycle, async () => {
  const { status } = await (await timely()).get();
  expect(status.phase).toBe("Succeeded");
  expect(status.reason).toBeUndefined();
});

behaviour("deadline-06", "it has failed although its containers ended with 0", from.lifecycle, async () => {
  const pod = await done();
  expect(pod.printed("a")).toBe("heard\n");
  expect((await pod.get()).status.phase).toBe("Failed");
  expect(pod.code).toBe(1);
});
