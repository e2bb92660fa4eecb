import { describe, expect, it } from "vitest";
import type { Pod, PodSpec } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { callsOf, killAtCall } from "./support/kill-at.ts";
import { minutes, some } from "./support/killed.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();
const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
/** Each run is one line of `/v/order`; it fails where there is /v/fail, and takes as long as there is /v/slow. */
const noting = (name: string) =>
  sh(
    name,
    `while [ -e /v/slow ]; do sleep 0.05; done; echo ${name} >> /v/order; [ ! -e /v/fail ] || exit 3`,
    v,
  );

/** A server with what two init containers bring, and a sidecar between them. */
function release(name: string, spec: Partial<PodSpec> = {}): Pod {
  return pod(name, [idle("tomcat", v)], {
    initContainers: [noting("war"), { ...idle("side", v), restartPolicy: "Always" } as never, noting("conf")],
    volumes: [{ name: "v", emptyDir: {} }],
    ...spec,
  });
}

const inside = (name: string, script: string) =>
  tspod.ok(["exec", "-c", "tomcat", name, "--", "sh", "-c", script]);
const order = async (name: string) => (await inside(name, "cat /v/order")).trim().split("\n");
const statusOf = async (name: string) => {
  const { status } = await tspod.inspect(name);
  const [war, side, conf] = status.initContainerStatuses;
  return { phase: status.phase, tomcat: status.containerStatuses[0], war, side, conf, infra: status.infra };
};

describe("restart --init", () => {
  it("runs only the init containers again: a release that its server does not notice (S19)", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("web"))]);
    const before = await statusOf("web");
    expect(await tspod.ok(["restart", "--init", "web"])).toBe(
      "pod/web: init containers war, conf have run again\n",
    );
    const after = await statusOf("web");
    expect(after.tomcat).toEqual(before.tomcat);
    expect(after.side).toEqual(before.side);
    expect(after.infra).toEqual(before.infra);
    for (const one of ["war", "conf"] as const) {
      expect(after[one]).toMatchObject({ restartCount: 1, ready: true });
      expect(after[one].state.terminated).toMatchObject({ exitCode: 0, reason: "Completed" });
    }
    // What they bring is there for the server, and the volume was not emptied.
    expect(await order("web")).toEqual(["war", "conf", "war", "conf"]);
    expect(await tspod.ok(["events", "web"])).toContain("Init containers are run again: war, conf");
    expect(await tspod.ok(["ps", "--no-headers", "web"])).toMatch(/^web +2\/2 +Running +0 /);
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("ends with the code of one that fails; those after it are not run, and the pod goes on", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("web"))]);
    const before = await statusOf("web");
    await inside("web", "touch /v/fail");
    const failed = await tspod.run(["restart", "--init", "web"]);
    expect(failed.code).toBe(3);
    expect(failed.stderr).toContain(
      'error[TS3449]: init container "war" of pod "web" failed with exit code 3; the containers go on',
    );
    const after = await statusOf("web");
    expect(after.tomcat).toEqual(before.tomcat);
    expect(after.conf).toEqual(before.conf);
    expect(after).toMatchObject({ phase: "Running", war: { restartCount: 1, ready: false } });
    // Nobody but whoever asked decides what follows.
    await inside("web", "rm /v/fail");
    expect(await order("web")).toEqual(["war", "conf", "war"]);
    await tspod.ok(["restart", "--init", "web"]);
    expect(await order("web")).toEqual(["war", "conf", "war", "war", "conf"]);
    expect((await statusOf("web")).tomcat).toEqual(before.tomcat);
    await tspod.ok(["rm", "-f", "web"]);
  });

  it("that has failed does not count when the pod ends", async () => {
    const file = tspod.manifest(
      release("batch", { containers: [sh("tomcat", "until [ -e /v/end ]; do sleep 0.05; done", v)] }),
    );
    await tspod.ok(["run", "-q", "-d", file]);
    await inside("batch", "touch /v/fail");
    expect((await tspod.run(["restart", "--init", "batch"])).code).toBe(3);
    await inside("batch", "touch /v/end");
    await tspod.ok(["wait", "pod/batch", "--for=jsonpath={.status.phase}=Succeeded", "--timeout=300s"]);
    await tspod.ok(["rm", "-f", "batch"]);
  });

  it("is refused where there is nothing to run, and where it would come too early or too late", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("none", [idle("a")]))]);
    const none = await tspod.run(["restart", "--init", "none"]);
    expect(none.code).toBe(5);
    expect(none.stderr).toContain('error[TS3446]: pod "none" has no init containers that come to an end');
    expect((await tspod.run(["restart", "--init", "-t", "1", "none"])).code).toBe(2);
    await tspod.ok(["rm", "-f", "none"]);
    const run = tspod.start([
      "run",
      tspod.manifest(pod("early", [idle("a")], { initContainers: [sh("i", "echo on; sleep 600")] })),
    ]);
    await run.printed(/on/);
    const early = await tspod.run(["restart", "--init", "early"]);
    expect(early).toMatchObject({ code: 5 });
    expect(early.stderr).toContain('pod "early" is not running yet');
    run.kill("SIGINT");
    await run.outcome();
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("late"))]);
    await inside("late", "touch /v/slow");
    const first = tspod.start(["restart", "--init", "late"]);
    await eventually(async () => (await statusOf("late")).war.state.running !== undefined);
    expect((await tspod.run(["restart", "--init", "late"])).stderr).toContain("run again already");
    expect(await tspod.ok(["ps", "--no-headers", "late"])).toMatch(/^late +1\/2 +Init:0\/3 /);
    await tspod.ok(["stop", "late"]);
    expect(await first.outcome()).toMatchObject({ code: 5 });
    expect(first.stderr).toContain(
      'pod "late" was stopped or has ended before its init containers had run again',
    );
    expect((await tspod.run(["restart", "--init", "late"])).stderr).toContain('pod "late" is not running');
    // Started again, the pod begins anew: nobody waits for what was asked for before.
    await tspod.ok(["start", "late"]);
    await tspod.ok(["rm", "-f", "late"]);
  });

  it("gives way to a removal", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("gone"))]);
    await inside("gone", "touch /v/slow");
    const again = tspod.start(["restart", "--init", "gone"]);
    await eventually(async () => (await statusOf("gone")).war.state.running !== undefined);
    await tspod.ok(["rm", "-f", "gone"]);
    expect(await again.outcome()).toMatchObject({ code: 5 });
    expect(again.stderr).toMatch(/pod "gone" was (removed|stopped)/);
  });

  it("gives way to a new sandbox, in which all of them run anyway", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("lost", { restartPolicy: "Always" }))]);
    await inside("lost", "touch /v/slow");
    const again = tspod.start(["restart", "--init", "lost"]);
    await eventually(async () => (await statusOf("lost")).war.state.running !== undefined);
    await inside("lost", "rm /v/slow; touch /v/fail");
    const failed = await again.outcome();
    // One that fails is not tried again, whatever the policy.
    expect(failed.code).toBe(3);
    await inside("lost", "rm /v/fail; touch /v/slow");
    const once = tspod.start(["restart", "--init", "lost"]);
    const { infra } = await eventually(async () => {
      const now = await statusOf("lost");
      return now.war.state.running && now;
    });
    process.kill(infra.pid, "SIGKILL");
    expect(await once.outcome()).toMatchObject({ code: 5 });
    expect(once.stderr).toContain('pod "lost" has begun anew, init containers and all, before');
    await tspod.ok(["rm", "-f", "lost"]);
  });

  it("comes to its end though the daemon is killed, and in a pod of the foreground", async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("web"))]);
    await inside("web", "touch /v/slow");
    const again = tspod.start(["restart", "--init", "web"]);
    await eventually(async () => (await statusOf("web")).war.state.running !== undefined);
    const daemon = JSON.parse(await tspod.ok(["daemon", "--status", "-o", "json"]));
    expect(daemon.pid).toBeGreaterThan(1);
    process.kill(daemon.pid, "SIGKILL");
    await inside("web", "rm /v/slow");
    expect(await again.outcome()).toMatchObject({ code: 0 });
    expect(await order("web")).toEqual(["war", "conf", "war", "conf"]);
    await tspod.ok(["rm", "-f", "web"]);

    const run = tspod.start(["run", tspod.manifest(release("front"))]);
    await eventually(async () => (await tspod.ok(["ps"])).includes("2/2"));
    await tspod.ok(["restart", "--init", "front"]);
    expect(await order("front")).toEqual(["war", "conf", "war", "conf"]);
    run.kill("SIGINT");
    await run.outcome();
  });

  it("that is killed at any of its system calls has them run once, or not at all", {
    timeout: minutes(10),
  }, async () => {
    await tspod.ok(["run", "-q", "-d", tspod.manifest(release("web"))]);
    const before = await statusOf("web");
    const calls = await callsOf(tspod, ["restart", "--init", "web"]);
    expect(calls.length).toBeGreaterThan(5);
    for (const call of some(calls, 8)) {
      const runs = (await order("web")).length;
      await killAtCall(tspod, ["restart", "--init", "web"], call);
      // What was asked for is done: until then, nobody can ask again.
      await eventually(async () => (await tspod.run(["restart", "--init", "web"])).code === 0);
      const now = (await order("web")).slice(runs);
      const once = ["war", "conf"];
      expect([once, [...once, ...once]], `killed at ${call.place}`).toContainEqual(now);
    }
    const after = await statusOf("web");
    expect(after.tomcat).toEqual(before.tomcat);
    expect(after.side).toEqual(before.side);
    await tspod.ok(["rm", "-f", "web"]);
  });
});
