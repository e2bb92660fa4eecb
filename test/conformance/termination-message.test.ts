import { expect } from "vitest";
import type { Container } from "../../src/manifest/index.ts";
import { idle, pod, sh } from "../e2e/support/pods.ts";
import { behaviour } from "./support/behaviour.ts";
import { kubelet } from "./support/kubelet.ts";
import { from } from "./support/sources.ts";

const node = kubelet({ speed: 10 });
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

function again(name: string, script: string) {
  return pod(name, [sh("a", script), idle("b")], { restartPolicy: "Always" });
}
