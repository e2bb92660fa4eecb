import { describe, expect, it } from "vitest";
import { podExitCode } from "../../../src/pod/outcome.ts";
import { podView } from "./views.ts";

describe("the exit code of a pod", () => {
  it("is that of the first container that did not end with 0, in the manifest's order", () => {
    expect(podExitCode(podView({ app: { a: [{ code: 0 }], b: [{ code: 3 }], c: [{ code: 4 }] } }))).toBe(3);
    expect(podExitCode(podView({ init: { i: [{ code: 2 }] }, app: { a: [] } }))).toBe(2);
    expect(podExitCode(podView({ app: { a: [{ code: 1 }, { code: 0 }] } }))).toBe(0);
    expect(podExitCode(podView({ app: { a: [{ code: 0, signal: 15 }] } }))).toBe(143);
  });

  it("is not that of a sidecar, which is ended when the others are done", () => {
    const initContainers = [{ name: "side", image: "busybox", restartPolicy: "Always" }];
    const ended = (code: number) =>
      podView({
        init: { side: [{ code: 0, signal: 15 }] },
        app: { a: [{ code }] },
        spec: { initContainers },
      });
    expect([podExitCode(ended(0)), podExitCode(ended(5))]).toEqual([0, 5]);
  });

  it("is not that of an init container that somebody had run once more", () => {
    const init = { i: [{ code: 0 }, { code: 3 }] };
    const asked = (round: number) => ({ initAgain: { round, after: { i: 0 } } });
    expect(podExitCode(podView({ init, app: { a: [{ code: 0 }] }, sandbox: asked(0) }))).toBe(0);
    expect(podExitCode(podView({ init, app: { a: [{ code: 5 }] }, sandbox: asked(0) }))).toBe(5);
    // Asked for before all of the pod began anew.
    expect(podExitCode(podView({ init, sandbox: { ...asked(0), round: 1 } }))).toBe(3);
  });

  it("is 1 for a pod that was ended as a whole, unless a container failed", () => {
    const sandbox = { phase: "stopped" as const, reason: "DeadlineExceeded" };
    expect(podExitCode(podView({ app: { a: [{ code: 0 }] }, sandbox }))).toBe(1);
    expect(podExitCode(podView({ app: { a: [{ code: 7 }] }, sandbox }))).toBe(7);
  });
});
