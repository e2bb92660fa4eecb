import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expectNoLeaks, snapshot } from "../support/leak-check.ts";
import { eventually, TspodRoot } from "../support/tspod.ts";
import { callsOf, killAtCall } from "./support/kill-at.ts";
import { minutes, some } from "./support/killed.ts";
import { idle, pod, sh } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("a run of a pod with hostUsers: false that is killed leaves no namespace, no mount and no range of ids", {
  timeout: minutes(10),
}, async () => {
  const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
  const spec = { hostUsers: false, volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] };
  const run = ["run", "-d", tspod.manifest(pod("victim", [container], spec))];
  const before = snapshot(tspod.dir);
  await tspod.ok(run);
  await tspod.ok(["rm", "-f", "victim"]);
  const calls = await callsOf(tspod, run);
  await tspod.ok(["rm", "-f", "victim"]);
  let killed = 0;
  const tried = some(calls, 10);
  for (const call of tried) {
    if (await killAtCall(tspod, run, call)) killed++;
    const { code, stdout, stderr } = await tspod.run(["ps", "-a", "--no-headers"]);
    expect(code, `killed at ${call.place}: ${stderr}`).toBe(0);
    if (stdout !== "") await tspod.ok(["rm", "-f", "victim"]);
    await expectNoLeaks(before).catch((error: Error) => {
      throw new Error(`killed at ${call.place}: ${error.message}`);
    });
  }
  expect(killed).toBeGreaterThan(tried.length / 2);
});

it("a pod that loses its holder keeps its ids, for what is mounted in its volumes shows them", async () => {
  const volumes = [
    { name: "image", image: { reference: "busybox" } },
    { name: "memory", emptyDir: { medium: "Memory" } },
  ];
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }));
  const look = "ls -ln /image/bin/busybox /memory | awk 'NF > 4 {print $3, $4, $NF}'";
  const container = sh("a", `${look}; touch /memory/made; exec sleep 600`, { volumeMounts });
  const spec = { hostUsers: false, volumes, restartPolicy: "Always" };
  await tspod.ok(["run", "-d", tspod.manifest(pod("kept", [container], spec))]);
  await eventually(
    async () => (await tspod.run(["exec", "kept", "--", "test", "-e", "/memory/made"])).code === 0,
  );
  const before = await tspod.inspect("kept");
  process.kill(before.status.infra.pid, "SIGKILL");
  const after = await eventually(async () => {
    const now = await tspod.inspect("kept");
    return now.status.containerStatuses[0].restartCount === 1 && now.status.containerStatuses[0].state.running
      ? now
      : undefined;
  });
  expect(after.status.infra.pid).not.toBe(before.status.infra.pid);
  const seen = await eventually(async () => {
    const text = await tspod.ok(["logs", "kept"]);
    return text.includes("made") ? text : undefined;
  });
  expect(seen).toBe("0 0 /image/bin/busybox\n0 0 made\n");
  await tspod.ok(["rm", "-f", "kept"]);
});

it("pods that start at once, of two tspods, have no id in common", async () => {
  const other = new TspodRoot();
  try {
    const names = ["p0", "p1", "p2"];
    const started = [tspod, other].flatMap((root) =>
      names.map(async (name) => {
        await root.ok(["run", "-d", root.manifest(pod(name, [idle("a")], { hostUsers: false }))]);
        const { status } = await root.inspect(name);
        return Number(readFileSync(`/proc/${status.infra.pid}/uid_map`, "utf8").trim().split(/\s+/)[1]);
      }),
    );
    const firsts = await Promise.all(started);
    expect(new Set(firsts).size).toBe(6);
    for (const first of firsts) expect(first % 65536).toBe(0);
    for (const root of [tspod, other]) await root.ok(["rm", "-f", ...names]);
  } finally {
    await other.dispose();
  }
});

it("gc gives back ranges of ids whose pods are gone", async () => {
  const folder = join(tspod.dir, "run/tspod/ids");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "1000013824"), "00000000-0000-4000-8000-000000000000");
  // As a command leaves it that is killed while it writes `last`.
  writeFileSync(join(folder, "last.99.tmp"), "");
  expect(await tspod.ok(["gc"])).toContain("ids from 1000013824 on");
  expect(existsSync(folder)).toBe(false);
});
