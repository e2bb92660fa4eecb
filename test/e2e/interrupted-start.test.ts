import { describe, expect, it } from "vitest";
import { eventually } from "../support/tspod.ts";
import { idle, pod } from "./support/pods.ts";
import { sleepOfItsOwn } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("Ctrl-C", () => {
  it.each([
    // In the foreground it is the pod's code: what a shell's trap for TERM ends with.
    [[], 143],
    [["-d"], 130],
  ])("while a postStart hook does not end, of run %j, is a stop", async (flags, code) => {
    const nap = sleepOfItsOwn();
    const hook = { postStart: { exec: { command: nap.split(" ") } } };
    const file = tspod.manifest(pod("hooked", [idle("a", { lifecycle: hook }), idle("b")]));
    const run = tspod.start(["run", ...flags, file]);
    await eventually(async () => {
      const { stdout } = await tspod.run(["exec", "-c", "a", "hooked", "--", "ps"]);
      return stdout.includes(nap);
    });
    run.kill("SIGINT");
    expect(await run.outcome()).toMatchObject({ code });
    expect(await tspod.ok(["ps", "-a", "-o", "name"])).toBe("");
  });
});

it("a stop while a postStart hook does not end ends the container once", async () => {
  const nap = sleepOfItsOwn();
  const lifecycle = {
    postStart: { exec: { command: nap.split(" ") } },
    preStop: { exec: { command: ["sh", "-c", "echo before the end > /proc/1/fd/1"] } },
  };
  const file = tspod.manifest(
    pod("hooked", [idle("a", { lifecycle }), idle("b")], { terminationGracePeriodSeconds: 30 }),
  );
  const run = tspod.start(["run", "-q", "-d", file]);
  await eventually(async () => {
    const { stdout } = await tspod.run(["exec", "-c", "a", "hooked", "--", "ps"]);
    return stdout.includes(nap);
  });
  await tspod.ok(["stop", "hooked"]);
  await run.outcome();
  expect(await tspod.ok(["logs", "-c", "a", "hooked"])).toBe("before the end\n");
  const events = await tspod.ok(["events", "hooked", "--no-headers"]);
  expect(events.match(/ Killing .*/g)).toEqual([expect.stringMatching(/Stopping container a$/)]);
  expect(events).not.toContain("FailedPreStopHook");
  await tspod.ok(["rm", "-f", "hooked"]);
});

it("restart does not stop a pod of another command's foreground, which would be removed", async () => {
  const run = tspod.start(["run", tspod.manifest(pod("front", [idle("a")]))]);
  await eventually(async () => (await tspod.ok(["ps"])).includes("1/1"));
  const refused = await tspod.run(["restart", "front"]);
  expect(refused).toMatchObject({ code: 5 });
  expect(refused.stderr).toContain('error[TS3450]: pod "front" is run in the foreground of another command');
  expect(await tspod.ok(["ps"])).toContain("1/1");
  run.kill("SIGINT");
  await run.outcome();
});
