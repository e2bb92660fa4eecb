import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { expectNoLeaks, snapshot } from "../support/leak-check.ts";
import { countCalls, killAtCall } from "./support/kill-at.ts";
import { idle, pod } from "./support/pods.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

it("a run of a pod with hostUsers: false that is killed leaves no namespace, no mount and no range of ids", {
  timeout: 120_000,
}, async () => {
  const container = idle("a", { volumeMounts: [{ name: "v", mountPath: "/v" }] });
  const spec = { hostUsers: false, volumes: [{ name: "v", emptyDir: { medium: "Memory" } }] };
  const run = ["run", "-d", tspod.manifest(pod("victim", [container], spec))];
  const before = snapshot(tspod.dir);
  await tspod.ok(run);
  await tspod.ok(["rm", "-f", "victim"]);
  const calls = await countCalls(tspod, run);
  await tspod.ok(["rm", "-f", "victim"]);
  const moments = Math.ceil(10 * Number(process.env.TSPOD_KILL_DENSITY ?? 1));
  const offset = Math.random();
  let killed = 0;
  for (let index = 0; index < moments; index++) {
    const nth = 1 + Math.floor(((index + offset) * calls) / moments);
    if (await killAtCall(tspod, run, nth)) killed++;
    const { code, stdout, stderr } = await tspod.run(["ps", "-a", "--no-headers"]);
    expect(code, `call ${nth} of ${calls}: ${stderr}`).toBe(0);
    if (stdout !== "") await tspod.ok(["rm", "-f", "victim"]);
    await expectNoLeaks(before).catch((error: Error) => {
      throw new Error(`killed at call ${nth} of ${calls}: ${error.message}`);
    });
  }
  expect(killed).toBeGreaterThan(0);
});

it("gc gives back ranges of ids whose pods are gone", async () => {
  const folder = join(tspod.dir, "run/tspod/ids");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "1000013824"), "00000000-0000-4000-8000-000000000000");
  expect(await tspod.ok(["gc"])).toContain("ids from 1000013824 on");
  expect(existsSync(folder)).toBe(false);
});
