import { describe, expect, it } from "vitest";
import { expectNoLeaks, snapshot } from "../support/leak-check.ts";
import { eventually } from "../support/tspod.ts";
import { callsOf, killAtCall } from "./support/kill-at.ts";
import { manifest, minutes, next, some } from "./support/killed.ts";
import { scenario } from "./support/scenario.ts";

const tspod = scenario();

describe("SIGKILL of rm", () => {
  for (const [how, args] of [
    ["rm -f", ["rm", "-f", "victim"]],
    ["rm", ["rm", "-t", "1", "victim"]],
  ] as const) {
    it(`${how}, after any of its system calls: the next command finishes it`, {
      timeout: minutes(10),
    }, async () => {
      const file = await manifest(tspod, "victim");
      const before = snapshot(tspod.dir);
      await tspod.ok(["run", "-d", file]);
      const calls = await callsOf(tspod, [...args]);
      const seen = new Set<string>();
      const tried = some(calls, how === "rm" ? 6 : 9);
      let count = 0;
      for (const call of tried) {
        await tspod.ok(["run", "-d", file]);
        const killed = await killAtCall(tspod, [...args], call);
        if (killed) {
          count++;
          seen.add(
            await next(tspod, {
              before,
              name: "victim",
              moment: `killed at ${call.place}`,
              grace: how === "rm",
            }),
          );
        } else await tspod.run(["rm", "-f", "--ignore-not-found", "victim"]);
      }
      expect(count).toBeGreaterThan(tried.length / 2);
      expect(seen).toContain("gone");
    });
  }
});

describe("SIGKILL of everything of a pod", () => {
  it("holder, monitors and containers at once: it is seen, and rm leaves nothing", async () => {
    const before = snapshot(tspod.dir);
    await tspod.ok(["run", "-d", await manifest(tspod, "lost")]);
    const { status } = await tspod.inspect("lost");
    const pids = [
      status.infra.pid,
      ...status.containerStatuses.flatMap((one: { pid: number; monitorPid: number }) => [
        one.monitorPid,
        one.pid,
      ]),
    ];
    for (const pid of pids) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {}
    }
    await eventually(async () => !(await tspod.ok(["ps", "-a"])).includes("Running"));
    await eventually(async () => !(await tspod.inspect("lost")).status.infra.alive);
    await tspod.ok(["rm", "lost"]);
    await expectNoLeaks(before);
  });
});
