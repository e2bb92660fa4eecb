import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Retries } from "../../../src/pod/supervise/retries.ts";
import type { Host } from "../../../src/runtime/host.ts";

const host = { seconds: (count: number) => count * 1000 } as Host;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["performance"] });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Seconds that each of so many failures is waited for. */
function waits(name: string | undefined, times: number, what?: "pull"): number[] {
  const retries = new Retries(host);
  return Array.from({ length: times }, () => {
    retries.failed(name, what);
    const left = retries.left(name);
    vi.advanceTimersByTime(left - 1);
    expect(retries.left(name)).toBeGreaterThan(0);
    vi.advanceTimersByTime(1);
    expect(retries.left(name)).toBe(0);
    return left / 1000;
  });
}

it("asks for an image after 10 s, and twice as long each time, up to 300 s", () => {
  expect(waits("web", 7, "pull")).toEqual([10, 20, 40, 80, 160, 300, 300]);
});

it("tries a sandbox, or what needs no registry, every 10 s", () => {
  expect(waits("web", 3)).toEqual([10, 10, 10]);
  expect(waits(undefined, 3)).toEqual([10, 10, 10]);
});

it("begins anew with what has succeeded, and waits for nothing else", () => {
  const retries = new Retries(host);
  retries.failed("web");
  retries.failed("web");
  expect(retries.left("other")).toBe(0);
  retries.succeeded("web");
  expect(retries.left("web")).toBe(0);
  retries.failed("web");
  expect(retries.left("web")).toBe(10_000);
});
