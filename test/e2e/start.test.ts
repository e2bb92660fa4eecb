import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { Pod } from "../../src/manifest/index.ts";
import { eventually } from "../support/tspod.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

/** An init container that counts its runs on disk, memory that forgets, and a secret on a tmpfs. */
function counting(name: string): Pod {
  const volumeMounts = ["disk", "memory", "secret"].map((one) => ({ name: one, mountPath: `/${one}` }));
  return pod(name, [idle("app", { volumeMounts }), sh("job", "exit 0", { restartPolicy: "Never" })], {
    restartPolicy: "Always",
    initContainers: [sh("count", "echo run >> /disk/runs; echo run >> /memory/runs", { volumeMounts })],
    volumes: [
      { name: "disk", emptyDir: {} },
      { name: "memory", emptyDir: { medium: "Memory" } },
      { name: "secret", secret: { secretName: "token" } },
    ],
  });
}

const inside = async (name: string) =>
  (await tspod.ok(["exec", "-c", "app", name, "--", "cat", "/disk/runs", "/memory/runs", "/secret/key"]))
    .trim()
    .split("\n");

async function running(
  name: string,
): Promise<{ metadata: { uid: string }; status: { startTime: string; infra: { pid: number } } }> {
  return await eventually(async () => {
    const now = await tspod.inspect(name);
    return now.status.containerStatuses[0].state.running ? now : undefined;
  });
}

/** A daemon that was started when another was about to end makes its folder, looks, and goes. */
function forgetRun(): void {
  rmSync(join(tspod.dir, "run/tspod"), { recursive: true, maxRetries: 20, retryDelay: 100 });
}

/** What a restart of the machine leaves of a tspod: nothing of /run, and another boot. */
async function reboot(): Promise<void> {
  const pods = join(tspod.dir, "var/lib/tspod/pods");
  const kept = readdirSync(pods).map((uid) => join(pods, uid, "pod.json"));
  const before = kept.map((file) => readFileSync(file, "utf8"));
  // Ends what the restart would have ended; the records say that the pods ran until then.
  for (const line of (await tspod.ok(["ps", "-a", "-o", "name"])).trim().split("\n"))
    await tspod.ok(["stop", line.replace("pod/", "")]);
  await eventually(() => !readdirSync(join(tspod.dir, "run/tspod")).includes("daemon"));
  for (const [index, file] of kept.entries()) {
    const boot = "00000000-0000-4000-8000-000000000000";
    writeFileSync(file, JSON.stringify({ ...JSON.parse(before[index] as string), bootId: boot }));
  }
  forgetRun();
}

describe("a stopped pod", () => {
  it("is started again under its uid, with its data on disk and a new sandbox", async () => {
    await tspod.ok(["create", "secret", "generic", "token", "--from-literal=key=s3"]);
    await tspod.ok(["run", "-q", "-d", tspod.manifest(counting("again"))]);
    const before = await tspod.inspect("again");
    const state = join(tspod.dir, "run/tspod/pods", before.metadata.uid, "state.json");
    expect(JSON.parse(readFileSync(state, "utf8")).startedAt).toBe(undefined);
    expect((await tspod.run(["start", "again"])).stderr).toContain('pod "again" is not stopped');
    await tspod.ok(["stop", "again"]);
    expect(await tspod.ok(["start", "again"])).toBe("pod/again started\n");
    const after = await running("again");
    expect(after.metadata.uid).toBe(before.metadata.uid);
    expect(after.status.infra.pid).not.toBe(before.status.infra.pid);
    // What a deadline counts from.
    const { startedAt } = JSON.parse(readFileSync(state, "utf8"));
    expect(Date.parse(startedAt)).toBeGreaterThan(Date.parse(before.status.startTime));
    expect(Math.floor(Date.parse(startedAt) / 1000) * 1000).toBe(Date.parse(after.status.startTime));
    expect(await inside("again")).toEqual(["run", "run", "run", "s3"]);
    expect(await tspod.ok(["restart", "again"])).toBe("pod/again restarted\n");
    // Not only asked for: whoever restarts a pod uses it next.
    expect((await tspod.inspect("again")).status.containerStatuses[0].state).toHaveProperty("running");
    expect(await inside("again")).toEqual(["run", "run", "run", "run", "s3"]);
    await tspod.ok(["rm", "-f", "again"]);
    await tspod.ok(["delete", "secret", "token"]);
  });
});

it("restart that meets another is done when the pod has been started again, by whomever", async () => {
  await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("both", [idle("a")]))]);
  const done = await Promise.all([1, 2, 3, 4].map(() => tspod.run(["restart", "both"])));
  for (const one of done) expect(one).toMatchObject({ code: 0, stdout: "pod/both restarted\n" });
  expect((await tspod.inspect("both")).status.containerStatuses[0].state).toHaveProperty("running");
  await tspod.ok(["rm", "-f", "both"]);
});

it("restart of a pod that cannot be started any more says that it is stopped now", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tspod-start-"));
  const volumes = [{ name: "v", hostPath: { path: folder, type: "Directory" } }];
  await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("torn", [idle("a")], { volumes }))]);
  rmSync(folder, { recursive: true });
  const { code, stderr } = await tspod.run(["restart", "torn"]);
  expect(code).not.toBe(0);
  expect(stderr).toContain(`hostPath type check failed: ${folder} does not exist`);
  expect(stderr).toContain('pod "torn" is stopped now\n');
  await tspod.ok(["rm", "torn"]);
});

describe("a restart of the machine (S29)", () => {
  it("leaves a bare pod stopped, says so, and lets it be started with the same uid", async () => {
    await tspod.ok(["create", "secret", "generic", "token", "--from-literal=key=s3"]);
    await tspod.ok(["run", "-q", "-d", tspod.manifest(counting("bare"))]);
    const { metadata } = await tspod.inspect("bare");
    await reboot();
    const ps = await tspod.run(["ps", "-a", "--no-headers"]);
    expect(ps.stderr).toContain(
      "pod default/bare: the machine was restarted; `tspod start` starts the pod again",
    );
    expect(ps.stdout).toMatch(/^bare +0\/2 +HostRebooted +0 /);
    expect(await tspod.ok(["describe", "bare"])).toMatch(/^Status: +Failed\nReason: +HostRebooted$/m);
    expect(await tspod.ok(["start", "bare"])).toBe("pod/bare started\n");
    expect((await running("bare")).metadata.uid).toBe(metadata.uid);
    expect(await inside("bare")).toEqual(["run", "run", "run", "s3"]);
    await tspod.ok(["rm", "-f", "bare"]);
    await tspod.ok(["delete", "secret", "token"]);
  });

  it("does not bring back what was removed, nor make a pod that had ended look lost", async () => {
    await tspod.ok(["run", "-q", "-d", "--wait", tspod.manifest(pod("done", [sh("a", "exit 0")]))]);
    await tspod.ok(["run", "-q", "-d", tspod.manifest(pod("gone", [idle("a")]))]);
    await tspod.ok(["rm", "-f", "gone"]);
    const pods = join(tspod.dir, "var/lib/tspod/pods");
    await eventually(() => !readdirSync(join(tspod.dir, "run/tspod")).includes("daemon"));
    expect(readdirSync(pods)).toHaveLength(1);
    forgetRun();
    expect(await tspod.ok(["ps", "-a", "--no-headers"])).toMatch(/^done +0\/1 +Completed +0 /);
    await tspod.ok(["rm", "done"]);
  });
});
