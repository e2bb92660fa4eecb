import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import { nextBackoff, restartDelay } from "../../../src/pod/supervise/backoff.ts";
import { type Next, nextActions } from "../../../src/pod/supervise/next.ts";
import { afterExit } from "../../../src/pod/supervise/restart-policy.ts";
import type { AttemptView } from "../../../src/pod/view.ts";
import type { ContainerRecord } from "../../../src/state/record.ts";
import { podView } from "./views.ts";

const seconds = (count: number) => count * 1000;
const T0 = Date.parse("2026-01-01T00:00:00Z");
const at = (second: number) => new Date(T0 + second * 1000).toISOString();

interface Life {
  /** Seconds after T0. */
  from?: number;
  /** Absent: it runs. */
  to?: number;
  code?: number;
  record?: Partial<ContainerRecord>;
  health?: { started: boolean; ready: boolean };
}

function attempt(name: string, kind: "init" | "app", index: number, life: Life): AttemptView {
  const { from = 0, to, code = 0, record, health } = life;
  return {
    record: {
      schema: 1,
      name,
      kind,
      attempt: index,
      image: "busybox",
      imageId: "",
      cgroup: "",
      cgroups: [],
      stopSignal: 15,
      tty: false,
      createdAt: at(from),
      startedAt: at(from),
      ...record,
    },
    ...(to === undefined ? {} : { exit: { schema: 1, code, signal: 0, oomKills: 0, finishedAt: at(to) } }),
    ...(health ? { health: { ...health, since: at(from) } } : {}),
    alive: to === undefined,
  };
}

interface Input {
  spec?: Partial<PodSpec>;
  lives?: Record<string, Life[]>;
  now?: number;
  round?: number;
  infraAlive?: boolean;
  phase?: "ready" | "recreating";
  unhealthy?: Record<string, { probe: "liveness" | "startup"; graceSeconds?: number }>;
}

function next({ spec = {}, lives = {}, now = 0, round, infraAlive, phase, unhealthy = {} }: Input): Next {
  const full: PodSpec = { restartPolicy: "Always", containers: [container("web")], ...spec };
  const view = podView({ spec: full, infraAlive: infraAlive ?? true });
  view.record.createdAt = at(0);
  view.sandbox = { ...view.sandbox, phase: phase ?? "ready", ...(round === undefined ? {} : { round }) };
  const list = (all: readonly Container[], kind: "init" | "app") =>
    all.map(({ name }) => ({
      name,
      kind,
      attempts: (lives[name] ?? []).map((life, index) => attempt(name, kind, index, life)),
    }));
  view.containers = [...list(full.initContainers ?? [], "init"), ...list(full.containers, "app")];
  return nextActions({ view, now: T0 + now * 1000, seconds, unhealthy: new Map(Object.entries(unhealthy)) });
}

const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: "busybox",
  ...more,
});
const started = (result: Next) => (result.kind === "go" ? result.start.map(({ name }) => name) : result.kind);
const waits = (result: Next) =>
  result.kind === "go"
    ? result.waiting.map(({ name, until, delay }) => [name, (until - T0) / 1000, delay])
    : result.kind;

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

describe("a running container", () => {
  it("is ended when its liveness or startup probe has failed for good", () => {
    const unhealthy = { web: { probe: "liveness", graceSeconds: 5 } } as const;
    const result = next({ lives: { web: [{}] }, unhealthy });
    const message = "Container web failed liveness probe, will be restarted";
    expect(result.kind === "go" && result.kill).toEqual([
      { name: "web", kind: "app", message, replace: false, graceSeconds: 5 },
    ]);
    const never = next({ spec: { restartPolicy: "Never" }, lives: { web: [{}] }, unhealthy });
    expect(never.kind === "go" && never.kill[0]?.message).toBe("Container web failed liveness probe");
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
});
