import { afterEach, describe, expect, it } from "vitest";
import { StopRequests } from "../../../src/cli/stop-requests.ts";

let requests: StopRequests | undefined;
const asked: boolean[] = [];
const listen = () => {
  asked.length = 0;
  requests = new StopRequests(async (force) => {
    asked.push(force);
  });
  return requests;
};
/** As a signal comes, without one. */
const signal = (name: NodeJS.Signals) => process.emit(name, name);

afterEach(() => requests?.close());

describe("a request to stop", () => {
  it("is first graceful, then not, and then no news", () => {
    const { cancelled } = listen();
    expect(cancelled.aborted).toBe(false);
    signal("SIGINT");
    expect(cancelled.aborted).toBe(true);
    expect(requests?.forced).toBe(false);
    signal("SIGTERM");
    signal("SIGINT");
    expect(asked).toEqual([false, true]);
    expect(requests?.forced).toBe(true);
  });

  it.each([
    ["SIGINT", 130],
    ["SIGTERM", 143],
    ["SIGHUP", 129],
  ] as const)("by %s gives exit code %d, whatever comes later", (name, exitCode) => {
    listen();
    signal(name);
    signal("SIGTERM");
    expect(requests?.exitCode).toBe(exitCode);
  });

  it("is that the reader of our output has gone, which does not hurry", () => {
    listen();
    const listeners = process.stdout.listeners("error");
    const lost = listeners.at(-1) as () => void;
    lost();
    lost();
    expect(asked).toEqual([false]);
  });

  it("is no longer listened for afterwards", () => {
    const before = process.listenerCount("SIGINT") + process.stdout.listenerCount("error");
    listen().close();
    expect(process.listenerCount("SIGINT") + process.stdout.listenerCount("error")).toBe(before);
  });
});
