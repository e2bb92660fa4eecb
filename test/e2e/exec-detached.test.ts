import { expect, it } from "vitest";
import type { PodSpec } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const started = (one: object) => tspod.ok(["run", "-d", tspod.manifest(one)]);

it("exec -d leaves a command to itself, which is no part of the pod's status (S20)", async () => {
  const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
  const program = "until [ -e /v/go ]; do sleep 0.05; done; echo out; echo err >&2; touch /v/done; exit 7";
  const spec: Partial<PodSpec> = { restartPolicy: "OnFailure", volumes: [{ name: "v", emptyDir: {} }] };
  await started(pod("single", [idle("c", v)], spec));
  const detached = await tspod.run(["exec", "-d", "single", "--", "sh", "-c", program]);
  expect(detached).toMatchObject({ code: 0, stdout: "", stderr: "" });
  const exec = (script: string) => tspod.run(["exec", "single", "--", "sh", "-c", script]);
  // It runs, without a terminal or a stream of ours: what it writes goes nowhere, and does not end it.
  const { stdout } = await exec(
    "for p in /proc/[0-9]*; do grep -q '[t]ouch /v/done' $p/cmdline && for n in 0 1 2; do readlink $p/fd/$n; done; done",
  );
  expect(new Set(stdout.trim().split("\n"))).toEqual(new Set(["/dev/null"]));
  await exec("touch /v/go");
  await eventually(async () => (await exec("test -e /v/done")).code === 0);
  expect((await exec("exit 7")).code).toBe(7);
  const { status } = await tspod.inspect("single");
  expect(status.containerStatuses[0]).toMatchObject({ restartCount: 0, ready: true });
  expect(await tspod.ok(["logs", "single"])).toBe("");
  expect((await tspod.run(["exec", "-d", "single", "--", "nope"])).code).toBe(127);
  expect((await tspod.run(["exec", "-d", "-i", "single", "--", "sh"])).code).toBe(2);
  for (const change of ["mkfifo /dev/null", "ln -s /v/done /dev/null", "mknod /dev/null c 1 5", "true"]) {
    // With an input of ours: without one, exec needs what is being taken away.
    await tspod.ok(["exec", "-i", "single", "--", "sh", "-c", `rm -f /dev/null; ${change}`], { input: "" });
    const { stderr } = await tspod.run(["exec", "-d", "single", "--", "true"]);
    expect(stderr, change).toContain("error[TS5304]: container c has no /dev/null");
    // What lies there is no reason to wait either.
    expect((await tspod.run(["exec", "single", "--", "true"])).code, change).toBe(1);
  }
  // As a container of its own the same is seen in the status, and counted.
  await started(pod("own", [idle("c", v), sh("job", "exit 7", v)], spec));
  const ended = await eventually(async () => {
    const [, job] = (await tspod.inspect("own")).status.containerStatuses;
    return job.restartCount > 0 && job.lastState.terminated ? job : undefined;
  });
  expect(ended.lastState.terminated).toMatchObject({ exitCode: 7, reason: "Error" });
  // The first time it is started again at once: it is held back, and told of, when it has ended again.
  const heldBack = "Back-off restarting failed container job";
  await eventually(async () => (await tspod.ok(["events", "own"])).includes(heldBack));
  await tspod.ok(["rm", "-f", "single", "own"]);
});
