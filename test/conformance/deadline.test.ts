import { beforeAll, expect } from "vitest";
import type { Container, PodSpec } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
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
      terminationGracePeriodSeconds: 20,
      ...more,
    }),
  );
const polite = `trap 'echo heard; exit 0' TERM; ${loop}`;
const late = terminal("late", `trap 'echo heard; exit 3' TERM; ${loop}`);
const done = terminal("done", polite);
const stuck = terminal("stuck", "echo never", { initContainers: [sh("stuck", polite)] });
const timely = terminal("timely", "exit 0", { activeDeadlineSeconds: 6000 });
// Twelve seconds pass for all of them while the other tests run.
beforeAll(() => {
  for (const play of [late, done, stuck, timely]) play().catch(() => undefined);
});

const fallback = { terminationMessagePolicy: "FallbackToLogsOnError" } as Partial<Container>;
const said = node.ended(
  pod("said", [
    sh("file", "echo because > /dev/termination-log; exit 1"),
    sh("fine", "printf 'all is well' > /dev/termination-log"),
    sh("own-path", "printf own > /tmp/last-words; exit 1", { terminationMessagePath: "/tmp/last-words" }),
    sh("logs", "echo from the log; echo and stderr >&2; exit 1", fallback),
    sh("logs-fine", "echo from the log", fallback),
    sh("both", "echo log; printf file > /dev/termination-log; exit 1", fallback),
    sh("silent", "echo in the log; exit 1"),
    sh("long", "yes | head -c 10000 > /dev/termination-log; exit 1"),
    sh("long-log", "i=0; while [ $i -lt 200 ]; do echo line $i; i=$((i+1)); done; exit 1", fallback),
  ]),
);
const message = async (container: string) =>
  (await (await said()).status(container)).state.terminated.message;

behaviour(
  "message-01",
  "what a container wrote to /dev/termination-log is its last message",
  from.determineFailure,
  async () => {
    expect(await message("file")).toBe("because\n");
  },
);

behaviour("message-02", "after success too", from.determineFailure, async () => {
  expect(await message("fine")).toBe("all is well");
});

behaviour("message-03", "terminationMessagePath names another file", from.determineFailure, async () => {
  expect(await message("own-path")).toBe("own");
});

behaviour(
  "message-04",
  "FallbackToLogsOnError takes the end of the log where nothing was written",
  from.determineFailure,
  async () => {
    const text = await message("logs");
    expect(text).toContain("from the log\n");
    expect(text).toContain("and stderr\n");
  },
);

behaviour("message-05", "only after an error, and only without a file", from.determineFailure, async () => {
  expect(await message("logs-fine")).toBeUndefined();
  expect(await message("both")).toBe("file");
});

behaviour("message-06", "without the fallback the log is not taken", from.determineFailure, async () => {
  expect(await message("silent")).toBeUndefined();
});

behaviour(
  "message-07",
  "a message has 4096 bytes at most: the last ones of a longer file",
  from.determineFailure,
  async () => {
    const script = "{ yes | head -c 10000; printf END; } > /dev/termination-log; exit 1";
    const alone = await node.ended(pod("long", [sh("a", script)]))();
    const { message } = (await alone.status("a")).state.terminated;
    expect(message).toHaveLength(4096);
    expect(message).toMatch(/y\nEND$/);
  },
);

behaviour("message-08", "a log's end is 2048 bytes or 80 lines at most", from.determineFailure, async () => {
  const text: string = await message("long-log");
  expect(text.length).toBeLessThanOrEqual(2048);
  expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(80);
  expect(text).toMatch(/line 199\n$/);
});

behaviour(
  "message-09",
  "all messages of a pod have 12 KiB together, each container its share",
  from.determineFailure,
  async () => {
    const total = 9;
    expect(await message("long")).toHaveLength(Math.floor((12 * 1024) / total));
  },
);

behaviour("message-10", "a message of a run before is kept with its end", from.determineFailure, async () => {
  const pod = await node.running(
    again("again", "echo run $(cat /v/n 2>/dev/null || echo 1) > /dev/termination-log; exit 1"),
  )();
  const status = await pod.untilContainer(
    "a",
    ({ restartCount, lastState }) => restartCount >= 1 && lastState.terminated,
  );
  expect(status.lastState.terminated.message).toBe("run 1\n");
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

function again(name: string, script: string) {
  return pod(name, [sh("a", script), idle("b")], { restartPolicy: "Always" });
}
