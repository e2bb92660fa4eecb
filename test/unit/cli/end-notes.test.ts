import { describe, expect, it } from "vitest";
import { endNotes } from "../../../src/cli/render/end-notes.ts";
import { podView } from "../pod/views.ts";

const killed = { code: 0, signal: 9, oomKills: 1 };

describe("what is said at the end of a pod", () => {
  it("is nothing when the exit code tells all", () => {
    expect(
      endNotes(podView({ init: { i: [{ code: 0 }] }, app: { a: [{ code: 0 }], b: [{ code: 3 }] } })),
    ).toEqual([]);
  });

  it("is why the kernel killed a container", () => {
    const limited = [{ name: "a", image: "busybox", resources: { limits: { memory: "32Mi" } } }];
    expect(endNotes(podView({ app: { a: [killed] }, spec: { containers: limited } }))).toEqual([
      'container "a" was killed (OOMKilled, exit code 137): it needed more memory than its limit of 32Mi',
    ]);
    expect(endNotes(podView({ app: { a: [killed] } }))[0]).toMatch(/than the pod's limit$/);
  });

  it("is that an init container failed, and not that the others were never started", () => {
    expect(
      endNotes(podView({ init: { i: [{ code: 3 }] }, app: { a: [] }, sandbox: { phase: "stopped" } })),
    ).toEqual(['init container "i" ended with exit code 3 (Error): no app container was started']);
  });

  it("is not that a sidecar had to be killed once the work was done", () => {
    expect(
      endNotes(podView({ init: { side: [{ code: 0, signal: 9 }] }, app: { a: [{ code: 0 }] } })),
    ).toEqual([]);
  });

  it("is that the pod was ended as a whole", () => {
    const sandbox = { phase: "stopped", reason: "DeadlineExceeded", message: "too long" } as const;
    expect(endNotes(podView({ app: { a: [{ code: 0, signal: 9 }] }, sandbox }))).toEqual([
      'pod "web" was ended (DeadlineExceeded): too long',
    ]);
  });

  it("is that a container was lost sight of", () => {
    expect(endNotes(podView({ app: { a: ["lost"] } }))[0]).toMatch(
      /^container "a": The container's monitor .*was killed/,
    );
  });
});
