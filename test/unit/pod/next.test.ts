import { describe, expect, it } from "vitest";
import { nextBackoff, restartDelay } from "../../../src/pod/supervise/backoff.ts";
import { afterExit } from "../../../src/pod/supervise/restart-policy.ts";
import { at, container, next, seconds, started, T0, waits } from "./lives.ts";

describe("the back-off", () => {
  it("is none, then 10 s and twice as much each time, up to 300 s", () => {
    const delays: number[] = [];
    let backoff = 0;
    for (let n = 0; n < 8; n++) {
      const delay = restartDelay({ startedAt: T0, finishedAt: T0 + 1000, backoff }, seconds);
      delays.push(delay);
      backoff = nextBackoff(delay);
    }
    expect(delays).toEqual([0, 10, 20, 40, 80, 160, 300, 300]);
  });

  it.each([
    [600, 80],
    [601, 0],
  ])("after %i s of running is %i s", (ran, delay) => {
    expect(restartDelay({ startedAt: T0, finishedAt: T0 + ran * 1000, backoff: 80 }, seconds)).toBe(delay);
  });

  it("is told as waiting until it is over", () => {
    const lives = { web: [{ to: 1, code: 1, record: { backoff: 20 } }] };
    expect(waits(next({ lives, now: 5 }))).toEqual([["web", 21, 20]]);
    expect(started(next({ lives, now: 5 }))).toEqual([]);
    const late = next({ lives, now: 21 });
    expect(late).toEqual({
      kind: "go",
      start: [{ name: "web", kind: "app", backoff: 40 }],
      kill: [],
      waiting: [],
    });
  });
});

describe("what follows an end", () => {
  const policies = ["Always", "OnFailure", "Never"] as const;
  it.each([
    ["app", 0, ["restart", "stay", "stay"]],
    ["app", 3, ["restart", "restart", "stay"]],
    ["init", 0, ["stay", "stay", "stay"]],
    ["init", 3, ["restart", "restart", "stay"]],
  ] as const)("of an %s container with %i", (kind, code, expected) => {
    const after = policies.map((restartPolicy) =>
      afterExit({ containers: [], restartPolicy }, container("a"), kind, code),
    );
    expect(after).toEqual(expected);
  });

  it("is a restart for a sidecar, whatever the pod's policy and its code", () => {
    const sidecar = container("a", { restartPolicy: "Always" });
    expect(afterExit({ containers: [], restartPolicy: "Never" }, sidecar, "init", 0)).toBe("restart");
  });

  it("is what the container's own rules say, then its own policy", () => {
    const own = container("a", {
      restartPolicy: "Never",
      restartPolicyRules: [
        { action: "Restart", exitCodes: { operator: "In", values: [42] } },
        { action: "RestartAllContainers", exitCodes: { operator: "NotIn", values: [0, 1] } },
      ],
    });
    const after = [42, 1, 7].map((code) => afterExit({ containers: [] }, own, "app", code));
    expect(after).toEqual(["restart", "stay", "restart-all"]);
  });
});

describe("a running container", () => {
  it("is ended when its liveness or startup probe has failed for good", () => {
    const unhealthy = { web: { probe: "liveness", graceSeconds: 5 } } as const;
    const result = next({ lives: { web: [{}] }, unhealthy });
    const message = "Container web failed liveness probe, will be restarted";
    expect(result.kind === "go" && result.kill).toEqual([
      { name: "web", kind: "app", message, replace: false, unhealthy: true, graceSeconds: 5 },
    ]);
    const never = next({ spec: { restartPolicy: "Never" }, lives: { web: [{}] }, unhealthy });
    expect(never.kind === "go" && never.kill[0]?.message).toBe("Container web failed liveness probe");
  });

  it("that was ended for a probe starts at once if it has run for longer than its back-off", () => {
    const ended = (backoffs: number[]) =>
      backoffs.map((backoff, index) => ({
        from: 30 * index,
        to: 30 * index + 30,
        code: 137,
        record: { backoff, unhealthy: true },
      }));
    const following = (...backoffs: number[]) =>
      next({ lives: { web: ended(backoffs) }, now: 30 * backoffs.length });
    // Of a container that has never ended before, a kubelet has nothing to count from.
    expect(following(0)).toMatchObject({ start: [{ name: "web", backoff: 0 }] });
    expect(following(0, 0)).toMatchObject({ start: [{ name: "web", backoff: 10 }] });
    expect(following(0, 0, 10)).toMatchObject({ start: [{ name: "web", backoff: 20 }] });
    expect(following(0, 0, 10, 20)).toMatchObject({ start: [{ name: "web", backoff: 40 }] });
    expect(waits(following(0, 0, 10, 20, 40))).toEqual([["web", 190, 40]]);
    const late = next({ lives: { web: ended([0, 0, 10, 20, 40]) }, now: 190 });
    expect(late).toMatchObject({ start: [{ name: "web", backoff: 80 }] });
  });

  it("that is a sidecar is named as an init container, and nobody says what is a matter of course", () => {
    const initContainers = [container("side", { restartPolicy: "Always" })];
    const unhealthy = { side: { probe: "startup" } } as const;
    const result = next({ spec: { initContainers }, lives: { side: [{}] }, unhealthy });
    expect(result.kind === "go" && result.kill[0]?.message).toBe("Init container side failed startup probe");
    const changed = { initContainers: [{ ...container("side", { restartPolicy: "Always" }), image: "new" }] };
    const replaced = next({ spec: changed, lives: { side: [{}], web: [{}] } });
    expect(replaced.kind === "go" && replaced.kill).toMatchObject([
      { message: "Init container side definition changed", replace: true },
    ]);
  });

  it("that crashes again and again is started at once when its image has changed", () => {
    const spec = { containers: [container("web", { image: "new" })] };
    const lives = { web: [{ to: 1, code: 1, record: { backoff: 300 } }] };
    expect(next({ spec, lives, now: 2 })).toMatchObject({
      start: [{ name: "web", backoff: 10 }],
      waiting: [],
    });
    const never = { ...spec, restartPolicy: "Never" };
    expect(next({ spec: never, lives, now: 2 }).kind).toBe("over");
  });

  it("is replaced when its image has changed, whatever its policy, and without a delay", () => {
    const spec = { restartPolicy: "Never", containers: [container("web", { image: "new" })] };
    const result = next({ spec, lives: { web: [{}] } });
    const message = "Container web definition changed, will be restarted";
    expect(result.kind === "go" && result.kill).toEqual([
      { name: "web", kind: "app", message, replace: true },
    ]);
    const ended = { to: 1, code: 137, record: { replaced: true, backoff: 80 } };
    expect(next({ spec, lives: { web: [ended] }, now: 1 })).toMatchObject({
      start: [{ name: "web", backoff: 0 }],
    });
  });
});

describe("the deadline", () => {
  it("ends the pod whatever it does", () => {
    const spec = { activeDeadlineSeconds: 30 };
    expect(next({ spec, lives: { web: [{}] }, now: 29.9 }).kind).toBe("go");
    expect(next({ spec, lives: { web: [{}] }, now: 30 })).toEqual({
      kind: "over",
      reason: "DeadlineExceeded",
      message: "Pod was active on the node longer than the specified deadline",
    });
  });

  it("counts from the last time that somebody has started the pod, and not while there is no place for it", () => {
    const spec = { activeDeadlineSeconds: 30 };
    const input = { spec, lives: { web: [{}] } };
    expect(next({ ...input, sandbox: { startedAt: at(20) }, now: 49 }).kind).toBe("go");
    expect(next({ ...input, sandbox: { startedAt: at(20) }, now: 50 }).kind).toBe("over");
    const waiting = { phase: "recreating", fresh: true, unschedulable: "no free ports" } as const;
    expect(next({ spec, sandbox: waiting, now: 99 }).kind).toBe("new-sandbox");
  });
});
