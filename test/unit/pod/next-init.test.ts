import { describe, expect, it } from "vitest";
import { container, type Input, type Life, next, started, waits } from "./lives.ts";

describe("the order", () => {
  const spec = {
    restartPolicy: "Never",
    initContainers: [container("i1"), container("side", { restartPolicy: "Always" }), container("i2")],
    containers: [container("a"), container("b")],
  };

  it("is one init container after the other, then all containers", () => {
    expect(started(next({ spec }))).toEqual(["i1"]);
    expect(started(next({ spec, lives: { i1: [{}] } }))).toEqual([]);
    expect(started(next({ spec, lives: { i1: [{ to: 1 }] } }))).toEqual(["side"]);
    expect(started(next({ spec, lives: { i1: [{ to: 1 }], side: [{}] } }))).toEqual(["i2"]);
    expect(started(next({ spec, lives: { i1: [{ to: 1 }], side: [{}], i2: [{ to: 2 }] } }))).toEqual([
      "a",
      "b",
    ]);
  });

  it("waits for a sidecar's startup probe", () => {
    const probed = [
      container("side", { restartPolicy: "Always", startupProbe: { exec: { command: ["x"] } } }),
    ];
    const input = { spec: { ...spec, initContainers: probed } };
    expect(started(next({ ...input, lives: { side: [{}] } }))).toEqual([]);
    const health = { started: true, ready: false };
    expect(started(next({ ...input, lives: { side: [{ health }] } }))).toEqual(["a", "b"]);
  });

  it("fails the pod with an init container that is not started again", () => {
    expect(started(next({ spec, lives: { i1: [{ to: 1, code: 3 }] } }))).toBe("over");
    const again = { ...spec, restartPolicy: "OnFailure" };
    expect(started(next({ spec: again, lives: { i1: [{ to: 1, code: 3 }] }, now: 2 }))).toEqual(["i1"]);
  });

  it("does not run init containers again because one of them is looked at after the start", () => {
    const lives = { i1: [{ to: 1 }], side: [{ to: 3, code: 1 }], i2: [{ to: 2 }], a: [{}], b: [{}] };
    expect(started(next({ spec, lives, now: 4 }))).toEqual(["side"]);
  });

  it("ends with the last container, although a sidecar runs", () => {
    const lives = { i1: [{ to: 1 }], side: [{}], i2: [{ to: 2 }], a: [{ to: 5 }], b: [{ to: 6, code: 1 }] };
    expect(next({ spec, lives }).kind).toBe("over");
  });
});

describe("sidecars, once they have had their turn", () => {
  const side = container("side", { restartPolicy: "Always" });
  const spec = { restartPolicy: "OnFailure", initContainers: [side, container("i1"), container("i2")] };

  it("do not keep those after them: one that has ended is started beside the next", () => {
    const lives = { side: [{ to: 2, record: { backoff: 40 } }], i1: [{ to: 3 }] };
    const result = next({ spec, lives, now: 4 });
    expect(started(result)).toEqual(["i2"]);
    expect(waits(result)).toEqual([["side", 42, 40]]);
  });

  it("keep the containers when all of these have ended, if it is the last that is not there", () => {
    const last = { ...spec, initContainers: [container("i1"), side] };
    const lives = { i1: [{ to: 1 }], side: [{ to: 5 }], web: [{ to: 6, code: 1 }] };
    expect(started(next({ spec: last, lives, now: 7 }))).toEqual(["side"]);
    const again = { ...lives, side: [{ to: 5 }, { from: 7 }] };
    expect(started(next({ spec: last, lives: again, now: 8 }))).toEqual(["web"]);
    const crashing = { ...lives, web: [{ to: 6, code: 1, record: { backoff: 40 } }] };
    expect(waits(next({ spec: last, lives: crashing, now: 7 }))).toEqual([["web", 46, 40]]);
    const running = { ...lives, web: [{}] };
    expect(started(next({ spec: last, lives: running, now: 7 }))).toEqual(["side"]);
  });

  it("keep no pod whose containers are done", () => {
    const last = { restartPolicy: "Never", initContainers: [side] };
    const lives = { side: [{ to: 5, record: { backoff: 300 } }], web: [{ to: 6, code: 1 }] };
    expect(next({ spec: last, lives, now: 7 }).kind).toBe("over");
  });
});

describe("init containers that are asked to run again", () => {
  const side = container("side", { restartPolicy: "Always" });
  const spec = { restartPolicy: "Never", initContainers: [container("i1"), side, container("i2")] };
  const sandbox = { initAgain: { round: 0, after: { i1: 0, i2: 0 } } };
  const before = { i1: [{ to: 1 }], side: [{}], i2: [{ to: 2 }], web: [{}] };
  const begin = (lives: Record<string, Life[]>, more: Partial<Input> = {}) =>
    next({ spec, sandbox, lives: { ...before, ...lives }, now: 9, ...more });

  it("run one after the other, beside the containers and sidecars", () => {
    expect(begin({})).toEqual({
      kind: "go",
      start: [{ name: "i1", kind: "init", backoff: 0 }],
      kill: [],
      waiting: [],
    });
    expect(started(begin({ i1: [{ to: 1 }, { from: 3 }] }))).toEqual([]);
    const first = { i1: [{ to: 1 }, { from: 3, to: 4 }] };
    expect(started(begin(first))).toEqual(["i2"]);
    expect(started(begin({ ...first, i2: [{ to: 2 }, { from: 4, to: 5 }] }))).toEqual([]);
  });

  it("end with the first that fails, and the pod goes on", () => {
    const failed = { i1: [{ to: 1 }, { from: 3, to: 4, code: 3 }] };
    expect(started(begin(failed))).toEqual([]);
    expect(started(begin(failed, { spec: { ...spec, restartPolicy: "Always" } }))).toEqual([]);
    // Nor are they what a container that is started anew would wait for.
    const crashed = { ...failed, web: [{ to: 5, code: 1 }] };
    expect(started(begin(crashed, { spec: { ...spec, restartPolicy: "Always" } }))).toEqual(["web"]);
    const last = {
      ...crashed,
      i1: [{ to: 1 }, { from: 3, to: 4 }],
      i2: [{ to: 2 }, { from: 4, to: 5, code: 3 }],
    };
    expect(started(begin(last, { spec: { ...spec, restartPolicy: "Always" } }))).toEqual(["web"]);
  });

  it("run as part of a new round in place of that", () => {
    const lives = { i1: [{ to: 1 }], i2: [{ to: 2 }], side: [{ to: 5 }], web: [{ to: 5 }] };
    expect(started(begin(lives, { round: 1, sandbox: { ...sandbox, round: 1 } }))).toEqual(["i1"]);
    const done = { i1: [{ to: 1 }, { from: 6, to: 7, code: 3, record: { round: 1 } }] };
    expect(begin({ ...lives, ...done }, { round: 1 }).kind).toBe("over");
  });
});
