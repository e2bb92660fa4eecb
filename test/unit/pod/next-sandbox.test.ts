import { describe, expect, it } from "vitest";
import { nextActions } from "../../../src/pod/supervise/next.ts";
import type { ContainerRecord } from "../../../src/state/record.ts";
import { at, attempt, container, next, seconds, started, T0, waits } from "./lives.ts";
import { podView } from "./views.ts";

describe("a new round", () => {
  const spec = { initContainers: [container("i")], containers: [container("a"), container("b")] };

  it("begins when the holder is gone, or a new one was not finished", () => {
    const lives = { i: [{ to: 1 }], a: [{}], b: [{}] };
    expect(next({ spec, lives, infraAlive: false }).kind).toBe("new-sandbox");
    expect(next({ spec, lives, phase: "recreating" }).kind).toBe("new-sandbox");
  });

  it("is not worth it for a pod that has run and is not to run again", () => {
    const never = { ...spec, restartPolicy: "Never" };
    expect(next({ spec: never, lives: { i: [{ to: 1 }], a: [{}], b: [{}] }, infraAlive: false }).kind).toBe(
      "over",
    );
    expect(next({ spec: never, infraAlive: false }).kind).toBe("new-sandbox");
    // An init container is enough.
    expect(next({ spec: never, lives: { i: [{ to: 1 }] }, infraAlive: false }).kind).toBe("over");
    expect(next({ spec: never, lives: { i: [{}] }, infraAlive: false }).kind).toBe("over");
    // What ran before somebody started the pod again does not count.
    const again = { round: 1, firstRound: 1 };
    expect(next({ spec: never, lives: { i: [{ to: 1 }] }, sandbox: again, infraAlive: false }).kind).toBe(
      "new-sandbox",
    );
    const succeeded = { ...spec, restartPolicy: "OnFailure" };
    const lives = { i: [{ to: 1 }], a: [{ to: 2 }], b: [{ to: 2 }] };
    expect(next({ spec: succeeded, lives, infraAlive: false }).kind).toBe("over");
  });

  it("runs the init containers again, then all but those that need not run any more", () => {
    const lives = { i: [{ to: 1 }], a: [{ to: 9, code: 1 }], b: [{ to: 3 }] };
    expect(started(next({ spec, lives, round: 1, now: 10 }))).toEqual(["i"]);
    const second = { ...lives, i: [{ to: 1 }, { from: 10, to: 11, record: { round: 1 } }] };
    expect(started(next({ spec, lives: second, round: 1, now: 12 }))).toEqual(["a", "b"]);
    const onFailure = { ...spec, restartPolicy: "OnFailure" };
    expect(started(next({ spec: onFailure, lives: second, round: 1, now: 12 }))).toEqual(["a"]);
  });

  it("leaves containers in a new sandbox their back-off", () => {
    const lives = {
      i: [{ to: 1 }, { from: 10, to: 11, record: { round: 1 } }],
      a: [{ to: 9, code: 1, record: { backoff: 40 } }],
      b: [{ to: 9, code: 137 }],
    };
    const sandbox = { round: 1, sandboxRound: 1 };
    const result = next({ spec, lives, sandbox, now: 12 });
    expect(result).toMatchObject({ start: [{ name: "b", backoff: 10 }] });
    expect(waits(result)).toEqual([["a", 49, 40]]);
    // The init containers too: this one has been started again once, and so has none at its next start but the first.
    const init = next({ spec, lives: { i: [{ to: 9, record: { backoff: 10 } }] }, sandbox, now: 10 });
    expect(waits(init)).toEqual([["i", 19, 10]]);
    // Somebody who starts a stopped pod does not wait.
    const fresh = next({ spec, lives, sandbox: { round: 2, sandboxRound: 2, firstRound: 2 }, now: 12 });
    expect(fresh).toMatchObject({ start: [{ name: "i", backoff: 0 }], waiting: [] });
  });

  it("is what RestartAllContainers asks for", () => {
    const rules = [{ action: "RestartAllContainers", exitCodes: { operator: "In", values: [9] } }];
    const ruled = { ...spec, containers: [container("a", { restartPolicyRules: rules }), container("b")] };
    const lives = { i: [{ to: 1 }], a: [{ to: 5, code: 9 }], b: [{}] };
    expect(next({ spec: ruled, lives })).toEqual({ kind: "restart-all", name: "a" });
    // Who asked for it waits as for any restart of its own; the others do not.
    const again = {
      i: [{ to: 1 }, { from: 5, to: 6, record: { round: 1 } }],
      a: [{ to: 5, code: 9, record: { backoff: 20 } }],
      b: [{ to: 5, code: 137 }],
    };
    const waiting = next({ spec: ruled, lives: again, round: 1, now: 7 });
    expect(started(waiting)).toEqual(["b"]);
    expect(waits(waiting)).toEqual([["a", 25, 20]]);
  });
});

describe("a container that was created and never started", () => {
  it("is started whatever the policy says: nothing of it has run", () => {
    const record = { startedAt: undefined, backoff: 20 } as unknown as Partial<ContainerRecord>;
    const view = podView({ spec: { restartPolicy: "Never", containers: [container("web")] } });
    const created = attempt("web", "app", 0, { record });
    view.containers = [{ name: "web", kind: "app", attempts: [{ ...created, alive: false }] }];
    const input = { view, now: T0, seconds };
    expect(nextActions(input)).toMatchObject({ start: [{ name: "web", kind: "app", backoff: 20 }] });
    Object.assign(created.record, { startedAt: at(0) });
    expect(nextActions(input).kind).toBe("over");
  });
});
