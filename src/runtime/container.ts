import { writeFileSync } from "node:fs";
import { isAlive } from "../kernel/process-ref.ts";
import { stringifyOps } from "../plan/op-json.ts";
import type { ContainerPlan } from "../plan/pod.ts";
import type { AttemptPaths } from "../state/paths.ts";
import { type ContainerKind, type ContainerRecord, SCHEMA } from "../state/record.ts";
import { writeContainer } from "../state/records.ts";
import type { Host } from "./host.ts";
import { runOps, type Sandbox } from "./sandbox.ts";

export interface CreateContainer {
  name: string;
  kind: ContainerKind;
  attempt: number;
  plan: ContainerPlan;
  paths: AttemptPaths;
  image: { ref: string; id: string };
  stopSignal: number;
  tty: boolean;
  /** As `ContainerRecord` has them. */
  round: number;
  backoff: number;
}

/** CRI CreateContainer: everything but execve. The process waits at its gate; if we die, it gives up by itself. */
export function createContainer(host: Host, sandbox: Sandbox, wanted: CreateContainer): ContainerRecord {
  const { name, plan, paths } = wanted;
  runOps(host, sandbox, plan.ops);
  const started = sandbox.handles.containers.get(name);
  const pid = started?.pid ?? 0;
  const record: ContainerRecord = {
    schema: SCHEMA,
    name,
    kind: wanted.kind,
    attempt: wanted.attempt,
    image: wanted.image.ref,
    imageId: wanted.image.id,
    process: { pid, startTime: host.kernel.startTime(pid) ?? "" },
    ...(started ? { monitor: started.monitor.process } : {}),
    cgroup: plan.cgroup,
    cgroups: plan.cgroups,
    stopSignal: wanted.stopSignal,
    tty: wanted.tty,
    ...(wanted.round === 0 ? {} : { round: wanted.round }),
    ...(wanted.backoff === 0 ? {} : { backoff: wanted.backoff }),
    createdAt: host.now().toISOString(),
  };
  writeFileSync(paths.plan, stringifyOps(plan.template), { mode: 0o600 });
  writeContainer(paths, record);
  return record;
}

/** CRI StartContainer: opens the gate; returns when execve(2) has succeeded. */
export function startContainer(
  host: Host,
  sandbox: Sandbox,
  paths: AttemptPaths,
  record: ContainerRecord,
): ContainerRecord {
  runOps(host, sandbox, [{ op: "container-exec", name: record.name }]);
  const started = { ...record, startedAt: host.now().toISOString() };
  writeContainer(paths, started);
  return started;
}

/** Whether the container's first process is there. */
export function isRunning(record: ContainerRecord): boolean {
  return record.process !== undefined && isAlive(record.process);
}
