import { existsSync, mkdirSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { loadAddon } from "../../../src/kernel/load-addon.ts";
import { takeLock } from "../../../src/state/lock.ts";
import type { PodPaths } from "../../../src/state/paths.ts";
import { inTurn, inTurnSoon } from "../../../src/state/turn.ts";

const top = mkdtempSync(join(tmpdir(), "tspod-turn-"));
const paths = { turn: join(top, "pod/turn"), lock: join(top, "pod/lock") } as PodPaths;
mkdirSync(join(top, "pod"));
afterAll(() => rmSync(top, { recursive: true }));

it("is waited for without keeping the thread, by who looks after other pods as well", async () => {
  const held = openSync(paths.turn, "a");
  loadAddon().flock(held, "exclusive", false);
  const steps: string[] = [];
  const soon = inTurnSoon(paths, () => steps.push("turn"));
  await new Promise((resolve) => setTimeout(resolve, 20));
  steps.push("others");
  loadAddon().flock(held, "unlock", false);
  await soon;
  expect(steps).toEqual(["others", "turn"]);
});

it("is nobody's where the pod is gone, and nothing is made anew there", async () => {
  const gone = { turn: join(top, "gone/turn") } as PodPaths;
  expect(inTurn(gone, () => "done")).toBeUndefined();
  expect(await inTurnSoon(gone, () => "done")).toBeUndefined();
  expect(takeLock(join(top, "gone/lock"), { wait: false, make: false })).toBeUndefined();
  expect(existsSync(join(top, "gone"))).toBe(false);
});
