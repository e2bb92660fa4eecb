import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { appendEvent, type PodEvent, readEvents } from "../../../src/state/events.ts";
import { combineEvents } from "../../../src/state/events-combine.ts";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tspod-events-"));
  file = join(folder, "events.jsonl");
});
afterEach(() => rmSync(folder, { recursive: true }));

const at = (second: number) => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
const event = (second: number, message: string, more: Partial<PodEvent> = {}): PodEvent => ({
  time: at(second),
  type: "Warning",
  reason: "Unhealthy",
  message,
  object: "spec.containers{web}",
  ...more,
});

describe("the events of a pod", () => {
  it("are read as they were written, but for a line that a crash cut off", () => {
    const events = [event(1, "one"), event(2, "two")];
    for (const one of events) appendEvent(file, one);
    appendFileSync(file, '{"time":"2026');
    expect(readEvents(file)).toEqual(events);
    expect(readdirSync(folder)).toEqual(["events.jsonl"]);
  });

  it("are none when there is no file", () => {
    expect(readEvents(file)).toEqual([]);
  });

  it("stay small however often a probe fails, and lose neither the first event nor the count", () => {
    appendEvent(file, event(0, "Created", { type: "Normal", reason: "Created" }));
    const long = "x".repeat(5000);
    for (let i = 1; i <= 500; i++) appendEvent(file, event(i, `failed: ${long}`));
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400 * 1024);
    const events = readEvents(file);
    expect(events[0]).toEqual(event(0, "Created", { type: "Normal", reason: "Created" }));
    expect(
      events.filter(({ reason }) => reason === "Unhealthy").reduce((sum, { count = 1 }) => sum + count, 0),
    ).toBe(500);
    expect(events[1]).toMatchObject({ firstTime: at(1) });
  });

  it("stay small when every message is another", () => {
    for (let i = 1; i <= 300; i++) appendEvent(file, event(i, `${i} ${"y".repeat(8000)}`));
    const sizes = readdirSync(folder).map((name) => statSync(join(folder, name)).size);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(400 * 1024);
    expect(readEvents(file).at(-1)?.time).toBe(at(300));
  });

  it("are whole after a crash while they were combined", () => {
    writeFileSync(`${file}.2`, `${JSON.stringify(event(1, "full"))}\n`);
    appendEvent(file, event(2, "new"));
    expect(readEvents(file).map(({ message }) => message)).toEqual(["full", "new"]);
    for (let i = 3; i < 60; i++) appendEvent(file, event(i, "z".repeat(6000)));
    expect(readEvents(file)[0]?.message).toBe("full");
  });
});

describe("combined", () => {
  it("are events that say the same, where they were last seen", () => {
    expect(
      combineEvents([
        event(1, "a"),
        event(2, "b"),
        event(3, "a"),
        event(9, "a", { count: 4, firstTime: at(0) }),
      ]),
    ).toEqual([event(2, "b"), event(9, "a", { count: 6, firstTime: at(0) })]);
  });

  it("are not events of another container, kind or reason", () => {
    const all = [
      event(1, "a"),
      event(2, "a", { object: "" }),
      event(3, "a", { type: "Normal" }),
      event(4, "a", { reason: "B" }),
    ];
    expect(combineEvents(all)).toEqual(all);
  });

  it("are the older ones of more than ten messages, under the newest of them", () => {
    const combined = combineEvents(Array.from({ length: 13 }, (_, i) => event(i, `m${i}`)));
    expect(combined.map(({ message }) => message)).toEqual([
      "(combined from similar events): m2",
      ...Array.from({ length: 10 }, (_, i) => `m${i + 3}`),
    ]);
    expect(combined[0]).toMatchObject({ count: 3, firstTime: at(0), time: at(2) });
    const again = combineEvents([...combined, event(13, "m13"), event(14, "m14")]);
    expect(again).toHaveLength(11);
    expect(again[0]).toMatchObject({
      message: "(combined from similar events): m4",
      count: 5,
      firstTime: at(0),
    });
  });
});
