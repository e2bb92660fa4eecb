import { describe, expect, it } from "vitest";
import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import { nextBackoff, restartDelay } from "../../../src/pod/supervise/backoff.ts";
import { type Next, nextActions } from "../../../src/pod/supervise/next.ts";
import { afterExit } from "../../../src/pod/supervise/restart-policy.ts";
import type { AttemptView } from "../../../src/pod/view.ts";
import type { ContainerRecord, SandboxRecord } from "../../../src/state/record.ts";
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
  sandbox?: Partial<SandboxRecord>;
  unhealthy?: Record<string, { probe: "liveness" | "startup"; graceSeconds?: number }>;
}

function next({
  spec = {},
  lives = {},
  now = 0,
  round,
  infraAlive,
  phase,
  sandbox,
  unhealthy = {},
}: Input): Next {
  const full: PodSpec = { restartPolicy: "Always", containers: [container("web")], ...spec };
  const view = podView({ spec: full, infraAlive: infraAlive ?? true });
  view.record.createdAt = at(0);
  view.sandbox = {
    ...view.sandbox,
    phase: phase ?? "ready",
    ...(round === undefined ? {} : { round }),
    ...sandbox,
  };
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
    const running = { ...lives, web: [{}] };
    expect(started(next({ spec: last, lives: running, now: 7 }))).toEqual(["side"]);
  });

  it("keep no pod whose containers are done", () => {
    const last = { restartPolicy: "Never", initContainers: [side] };
    const lives = { side: [{ to: 5, record: { backoff: 300 } }], web: [{ to: 6, code: 1 }] };
    expect(next({ spec: last, lives, now: 7 }).kind).toBe("over");
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
  });

  it("run as part of a new round in place of that", () => {
    const lives = { i1: [{ to: 1 }], i2: [{ to: 2 }], side: [{ to: 5 }], web: [{ to: 5 }] };
    expect(started(begin(lives, { round: 1, sandbox: { ...sandbox, round: 1 } }))).toEqual(["i1"]);
    const done = { i1: [{ to: 1 }, { from: 6, to: 7, code: 3, record: { round: 1 } }] };
    expect(begin({ ...lives, ...done }, { round: 1 }).kind).toBe("over");
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
});
