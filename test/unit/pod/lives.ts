import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import { type Next, nextActions } from "../../../src/pod/supervise/next.ts";
import type { AttemptView } from "../../../src/pod/view.ts";
import type { ContainerRecord, SandboxRecord } from "../../../src/state/record.ts";
import { podView } from "./views.ts";

export const seconds = (count: number) => count * 1000;
export const T0 = Date.parse("2026-01-01T00:00:00Z");
export const at = (second: number) => new Date(T0 + second * 1000).toISOString();

export interface Life {
  /** Seconds after T0. */
  from?: number;
  /** Absent: it runs. */
  to?: number;
  code?: number;
  record?: Partial<ContainerRecord>;
  health?: { started: boolean; ready: boolean };
}

export function attempt(name: string, kind: "init" | "app", index: number, life: Life): AttemptView {
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

export interface Input {
  spec?: Partial<PodSpec>;
  lives?: Record<string, Life[]>;
  now?: number;
  round?: number;
  infraAlive?: boolean;
  phase?: "ready" | "recreating";
  sandbox?: Partial<SandboxRecord>;
  unhealthy?: Record<string, { probe: "liveness" | "startup"; graceSeconds?: number }>;
}

/** What a pod needs that has lived so. */
export function next({
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

export const container = (name: string, more: Partial<Container> = {}): Container => ({
  name,
  image: "busybox",
  ...more,
});
export const started = (result: Next) =>
  result.kind === "go" ? result.start.map(({ name }) => name) : result.kind;
export const waits = (result: Next) =>
  result.kind === "go"
    ? result.waiting.map(({ name, until, delay }) => [name, (until - T0) / 1000, delay])
    : result.kind;
