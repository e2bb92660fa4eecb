import type { ContainerState, ContainerStatus, Pod, PodStatus } from "../../../src/manifest/index.ts";

export const running = (): ContainerState => ({ running: { startedAt: "2026-01-01T00:00:00Z" } });
export const waiting = (reason?: string): ContainerState => ({ waiting: reason ? { reason } : {} });
export const ended = (exitCode: number, reason?: string, signal?: number): ContainerState => ({
  terminated: { exitCode, ...(reason ? { reason } : {}), ...(signal ? { signal } : {}) },
});

interface Extra {
  restarts?: number;
  restartedAt?: string;
  started?: boolean;
  ready?: boolean;
}

export function status(state: ContainerState, extra: Extra = {}): ContainerStatus {
  const isReady = extra.ready ?? (state.running !== undefined || state.terminated?.exitCode === 0);
  return {
    name: "",
    image: "i",
    imageID: "",
    ready: isReady,
    restartCount: extra.restarts ?? 0,
    state,
    ...(extra.started === undefined ? {} : { started: extra.started }),
    ...(extra.restartedAt
      ? { lastState: { terminated: { exitCode: 1, finishedAt: extra.restartedAt } } }
      : {}),
  };
}

export interface Case {
  is: string;
  phase: string;
  reason?: string;
  init?: ContainerStatus[];
  app: ContainerStatus[];
  /** Init containers with restartPolicy Always, by index. */
  sidecars?: number[];
  conditions?: PodStatus["conditions"];
  deleted?: boolean;
  says: { ready: string; status: string; restarts?: string };
}

export function podOf({ phase, reason, init = [], app, sidecars = [], conditions = [], deleted }: Case): Pod {
  const named = (list: ContainerStatus[], prefix: string) =>
    list.map((one, index) => ({ ...one, name: `${prefix}${index}` }));
  return {
    metadata: {
      name: "p",
      namespace: "default",
      creationTimestamp: "2026-01-01T00:00:00Z",
      ...(deleted ? { deletionTimestamp: "2026-01-01T00:09:00Z" } : {}),
    },
    spec: {
      initContainers: init.map((_, index) => ({
        name: `i${index}`,
        ...(sidecars.includes(index) ? { restartPolicy: "Always" } : {}),
      })),
      containers: app.map((_, index) => ({ name: `c${index}` })),
    },
    status: {
      phase,
      ...(reason ? { reason } : {}),
      conditions,
      initContainerStatuses: named(init, "i"),
      containerStatuses: named(app, "c"),
    },
  };
}
