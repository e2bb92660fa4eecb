import { expect, it } from "vitest";
import { eventRows, lastSeen } from "../../../src/cli/render/event-list.ts";

const now = new Date("2026-01-01T00:05:00Z");
const event = {
  time: "2026-01-01T00:04:58Z",
  type: "Warning",
  reason: "Unhealthy",
  message: "Liveness probe failed: \u001b[31mred\n",
  object: "spec.containers{web}",
} as const;

it("says when an event was seen, and of several how many and since when", () => {
  expect(lastSeen(event, now)).toBe("2s");
  expect(lastSeen({ ...event, count: 12, firstTime: "2026-01-01T00:03:00Z" }, now)).toBe("2s (x12 over 2m)");
});

it("names the pod and the container, and does not move the terminal", () => {
  expect(
    eventRows([{ ...event, involved: { kind: "Pod", name: "shop", namespace: "default" } }], now)[1],
  ).toEqual(["2s", "Warning", "Unhealthy", "Pod/shop (web)", "Liveness probe failed: ^[[31mred"]);
});
