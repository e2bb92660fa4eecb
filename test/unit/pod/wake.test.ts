import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Wake } from "../../../src/pod/supervise/wake.ts";

let folder: string;
let wake: Wake;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tspod-wake-"));
  wake = new Wake();
});
afterEach(() => {
  wake.close();
  rmSync(folder, { recursive: true });
});

/** Whether a sleep that has no end of its own ends. */
const ends = () => Promise.race([wake.sleep(undefined).then(() => true), pause(300).then(() => false)]);

it("sleeps on when an event is written, and wakes when the record changes", async () => {
  wake.watchFolder(folder);
  appendFileSync(join(folder, "events.jsonl"), "{}\n");
  writeFileSync(join(folder, "events.jsonl.1.7.tmp"), "{}\n");
  expect(await ends()).toBe(false);
  writeFileSync(join(folder, "pod.json"), "{}\n");
  expect(await ends()).toBe(true);
});

it("does not sleep where the folder is gone", async () => {
  wake.watchFolder(join(folder, "gone"));
  expect(await ends()).toBe(true);
});

it("keeps what comes before the sleep", async () => {
  wake.now();
  expect(await ends()).toBe(true);
  expect(await ends()).toBe(false);
});
