import { closeSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { loadAddon } from "../../src/kernel/load-addon.ts";
import { FastRoot } from "../support/fast-root.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { daemonPid } from "./support/processes.ts";
import { scenario } from "./support/scenario.ts";

/** Ten seconds of a pod's life in one. */
const tspod = scenario(new FastRoot(10));

const run = (...args: Parameters<typeof pod>) => tspod.ok(["run", "-d", tspod.manifest(pod(...args))]);
const folderOf = async (name: string) =>
  join(tspod.dir, "run/tspod/pods", (await tspod.inspect(name)).metadata.uid);
const phaseIn = (folder: string) => JSON.parse(readFileSync(join(folder, "state.json"), "utf8")).phase;
const pidOf = async (name: string, index = 0) =>
  (await tspod.inspect(name)).status.containerStatuses[index].pid as number;

/** Its ended children that it has not waited for. */
function zombiesOf(pid: number): string[] {
  return readdirSync("/proc").filter((name) => {
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      return new RegExp(`\\) Z ${pid} `).test(stat);
    } catch {
      return false;
    }
  });
}

describe("the daemon", () => {
  it("waits for what it has started: no zombies stay of containers, sandboxes and hooks", async () => {
    const hook = { lifecycle: { postStart: { exec: { command: ["true"] } } } };
    await run("stays", [idle("a")]);
    await run("crashes", [sh("a", "exit 1"), idle("b", hook as object)], { restartPolicy: "Always" });
    const daemon = await eventually(() => daemonPid(tspod));
    await eventually(
      async () => (await tspod.inspect("crashes")).status.containerStatuses[0].restartCount >= 2,
    );
    process.kill((await tspod.inspect("crashes")).status.infra.pid, "SIGKILL");
    await eventually(async () => (await tspod.ok(["events", "crashes"])).includes("SandboxChanged"));
    await tspod.ok(["restart", "stays"]);
    await tspod.ok(["rm", "-f", "crashes"]);
    await eventually(() => zombiesOf(daemon).length === 0);
    await tspod.ok(["rm", "-f", "stays"]);
  });

  it("finishes a stop whose command was killed, though no other command comes", async () => {
    const deaf = sh("a", "trap : TERM; while :; do sleep 0.1; done");
    await run("deaf", [deaf], { terminationGracePeriodSeconds: 60 });
    const folder = await folderOf("deaf");
    const stop = tspod.start(["stop", "deaf"]);
    await eventually(() => phaseIn(folder) === "stopping");
    stop.kill("SIGKILL");
    await stop.outcome();
    expect(phaseIn(folder)).toBe("stopping");
    await eventually(() => phaseIn(folder) === "stopped");
    await tspod.ok(["rm", "-f", "deaf"]);
  });

  it("goes on with an end that a killed daemon had begun, for what is left of its grace period", async () => {
    const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const slow = "trap 'until [ -e /v/go ]; do sleep 0.1; done; exit' TERM; while :; do sleep 0.1; done";
    const sidecar = { ...sh("side", slow, v), restartPolicy: "Always" };
    // Whoever only saw to its being over in time would come after five minutes.
    const spec = {
      initContainers: [sidecar],
      terminationGracePeriodSeconds: 3000,
      volumes: [{ name: "v", emptyDir: {} }],
    };
    await run("ends", [sh("a", "sleep 1")], spec as object);
    const folder = await folderOf("ends");
    await eventually(() => phaseIn(folder) === "ending");
    process.kill(daemonPid(tspod) as number, "SIGKILL");
    await tspod.ok(["exec", "-c", "side", "ends", "--", "touch", "/v/go"]);
    await eventually(() => phaseIn(folder) === "stopped");
    expect((await tspod.inspect("ends")).status.phase).toBe("Succeeded");
    await tspod.ok(["rm", "-f", "ends"]);
  });

  it("asks for an image that is gone after 10 s, then 20 s, and sees to the other containers meanwhile", async () => {
    await run("first", [sh("a", "true")]);
    await tspod.ok(["rm", "-f", "first"]);
    await tspod.ok(["image", "tag", "busybox", "gone:1"]);
    await run("p", [idle("stays"), idle("gone", { image: "gone:1", imagePullPolicy: "Never" })], {
      restartPolicy: "Always",
    });
    const folder = await folderOf("p");
    forgetImage("gone:1");
    process.kill(await pidOf("p", 1), "SIGKILL");
    /** When they were told of (ms). */
    const failures = () =>
      readFileSync(join(folder, "events.jsonl"), "utf8")
        .split("\n")
        .filter((line) => line.includes("not present with"))
        .map((line) => Date.parse(JSON.parse(line).time));
    await eventually(() => failures().length > 0);
    process.kill(await pidOf("p", 0), "SIGKILL");
    await eventually(async () => (await tspod.inspect("p")).status.containerStatuses[0].restartCount === 1);
    const [first = 0, second = 0] = await eventually(() => failures().length > 1 && failures());
    expect(second - first).toBeGreaterThanOrEqual(1000);
    await tspod.ok(["image", "tag", "busybox", "gone:1"]);
    await eventually(async () => (await tspod.ok(["ps", "p"])).includes("2/2"));
    await tspod.ok(["rm", "-f", "p"]);
  });
});

describe("RestartAllContainers", () => {
  it("runs no preStop hooks", async () => {
    const v = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const rule = { action: "RestartAllContainers", exitCodes: { operator: "In", values: [42] } };
    const asks = sh("asks", "[ -e /v/asked ] && exec sleep 3600; sleep 1; touch /v/asked; exit 42", {
      ...v,
      restartPolicy: "Never",
      restartPolicyRules: [rule],
    } as object);
    const other = idle("other", {
      ...v,
      lifecycle: { preStop: { exec: { command: ["touch", "/v/hook"] } } },
    });
    await run("anew", [asks, other], { volumes: [{ name: "v", emptyDir: {} }] });
    await eventually(async () => {
      const [, again] = (await tspod.inspect("anew")).status.containerStatuses;
      return again.restartCount === 1 && again.ready;
    });
    expect(await tspod.ok(["exec", "anew", "-c", "other", "--", "ls", "/v"])).toBe("asked\n");
    await tspod.ok(["rm", "-f", "anew"]);
  });
});

describe("a stop", () => {
  it("that comes late leaves a pod alone that was started again meanwhile", async () => {
    await run("again", [sh("a", "trap : TERM; while :; do sleep 0.1; done")], {
      terminationGracePeriodSeconds: 600,
    });
    const folder = await folderOf("again");
    const late = tspod.start(["stop", "again"]);
    await eventually(() => phaseIn(folder) === "stopping");
    // Not while it holds the turn.
    await eventually(() => {
      const turn = openSync(join(folder, "turn"), "r");
      const isFree = loadAddon().flock(turn, "exclusive", true);
      closeSync(turn);
      return isFree;
    });
    late.kill("SIGSTOP");
    await tspod.ok(["stop", "-t", "0", "again"]);
    await tspod.ok(["start", "again"]);
    late.kill("SIGCONT");
    await late.outcome();
    expect(phaseIn(folder)).toBe("ready");
    expect(await tspod.ok(["ps", "again"])).toContain("1/1");
    await tspod.ok(["rm", "-f", "again"]);
  });

  it("of a pod that is being made ends it, whatever its maker has come to", async () => {
    await run("other", [idle("a")]);
    // Sandboxes are made under this lock.
    const lock = openSync(join(tspod.dir, "run/tspod/network/lock"), "a");
    loadAddon().flock(lock, "exclusive", false);
    const maker = tspod.start(["run", "-d", tspod.manifest(pod("early", [idle("a")]))]);
    await eventually(async () => (await tspod.ok(["ps", "-a"])).includes("early"));
    const stop = tspod.start(["stop", "early"]);
    await sleep(500);
    closeSync(lock);
    expect((await stop.outcome()).code).toBe(0);
    await maker.outcome();
    await eventually(async () => phaseIn(await folderOf("early")) === "stopped");
    await tspod.ok(["rm", "early"]);
    await tspod.ok(["rm", "-f", "other"]);
  });
});

/** As a damaged store does: `image rm` keeps what pods use. */
function forgetImage(name: string): void {
  for (const file of ["index.json", "index.copy.json"]) {
    const path = join(tspod.dir, "var/lib/tspod/images", file);
    const index = JSON.parse(readFileSync(path, "utf8"));
    const manifests = index.manifests.filter((one: object) => !JSON.stringify(one).includes(name));
    writeFileSync(path, JSON.stringify({ ...index, manifests }));
  }
}
