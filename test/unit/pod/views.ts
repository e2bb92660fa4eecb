import type { Container, PodSpec } from "../../../src/manifest/index.ts";
import type { AttemptView, PodView } from "../../../src/pod/view.ts";
import type { SandboxRecord } from "../../../src/state/record.ts";

type Attempt =
  | "running"
  | "creating"
  | "lost"
  | { code: number; signal?: number; oomKills?: number }
  | { error: string };

/** What became of each container, by attempt. */
export interface ViewInput {
  init?: Record<string, Attempt[]>;
  app?: Record<string, Attempt[]>;
  spec?: Partial<PodSpec>;
  sandbox?: Partial<SandboxRecord>;
  sameBoot?: boolean;
  infraAlive?: boolean;
  /** Containers whose next attempt could not be made, and the reason. */
  waiting?: Record<string, string>;
}

export const CREATED = "2026-01-01T00:00:00.250Z";
export const STARTED = "2026-01-01T00:00:01.999Z";
export const FINISHED = "2026-01-01T00:00:05.000000001Z";

export function podView({
  init = {},
  app = {},
  spec,
  sandbox,
  sameBoot = true,
  infraAlive = true,
  waiting = {},
}: ViewInput): PodView {
  const containers = (list: Record<string, Attempt[]>): Container[] =>
    Object.keys(list).map((name) => ({ name, image: "busybox" }));
  const waits = (name: string, list: Attempt[]) =>
    waiting[name] === undefined
      ? {}
      : { waiting: { reason: waiting[name], message: "why", after: list.length - 1 } };
  return {
    record: {
      schema: 1,
      uid: "1f0e8a52-0000-4000-8000-000000000001",
      name: "web",
      namespace: "default",
      createdAt: CREATED,
      pod: {
        apiVersion: "v1",
        kind: "Pod",
        metadata: { name: "web", namespace: "default" },
        spec: {
          restartPolicy: "Never",
          initContainers: containers(init),
          containers: containers(app),
          ...spec,
        },
      },
      configMaps: [],
      secrets: [],
      source: "web.yaml",
      foreground: false,
      bootId: "b",
    },
    sandbox: {
      schema: 1,
      phase: "ready",
      infra: { pid: 100, startTime: "1" },
      namespaces: { net: "net:[1]" },
      ip: "10.77.0.2",
      hostIP: "192.0.2.1",
      ports: [],
      cgroup: "/cg",
      ...sandbox,
    },
    infraAlive,
    sameBoot,
    containers: [
      ...Object.entries(init).map(([name, list]) => ({
        name,
        kind: "init" as const,
        attempts: attempts(name, "init", list),
        ...waits(name, list),
      })),
      ...Object.entries(app).map(([name, list]) => ({
        name,
        kind: "app" as const,
        attempts: attempts(name, "app", list),
        ...waits(name, list),
      })),
    ],
  };
}

function attempts(name: string, kind: "init" | "app", list: Attempt[]): AttemptView[] {
  return list.map((what, attempt) => {
    const record = {
      schema: 1,
      name,
      kind,
      attempt,
      image: "busybox",
      imageId: "sha256:1",
      process: { pid: 200, startTime: "2" },
      monitor: { pid: 199, startTime: "2" },
      cgroup: "/cg/c",
      cgroups: ["/cg/c"],
      stopSignal: 15,
      tty: false,
      createdAt: CREATED,
      startedAt: STARTED,
    };
    if (what === "running") return { record, alive: true };
    if (what === "lost") return { record, alive: false };
    if (what === "creating") {
      const { startedAt, ...created } = record;
      return { record: created, alive: true };
    }
    if ("error" in what) {
      const { process, monitor, startedAt, ...created } = record;
      return {
        record: { ...created, error: { reason: what.error, message: "why", exitCode: 128 } },
        alive: false,
      };
    }
    const exit = { schema: 1, signal: 0, oomKills: 0, finishedAt: FINISHED, ...what };
    return { record, exit, alive: false };
  });
}
