import { isAlive } from "../kernel/process-ref.ts";
import { readBootId } from "../runtime/boot.ts";
import { isRunning } from "../runtime/container.ts";
import type { Host } from "../runtime/host.ts";
import { attemptPaths, podPaths } from "../state/paths.ts";
import type { ContainerRecord, PodRecord, SandboxRecord } from "../state/record.ts";
import { attemptNumbers, podUids, readContainer, readExit, readPod, readSandbox } from "../state/records.ts";
import type { AttemptView, ContainerView, PodView } from "./view.ts";

/** All pods of this instance whose record is complete, by namespace and name. */
export function listPods(host: Host): PodView[] {
  return podUids(host.paths)
    .flatMap((uid) => viewPod(host, uid) ?? [])
    .sort((a, b) => key(a.record).localeCompare(key(b.record), "en"));
}

function key({ namespace, name }: PodRecord): string {
  return `${namespace}/${name}`;
}

/** One pod as it is now; undefined when there is no such pod (or it has just been removed). */
export function viewPod(host: Host, uid: string): PodView | undefined {
  const record = readPod(host.paths, uid);
  if (!record) return undefined;
  const paths = podPaths(host.paths, record);
  const sandbox = readSandbox(paths);
  if (!sandbox) return undefined;
  const sameBoot = record.bootId === readBootId();
  return {
    record,
    sandbox,
    infraAlive: sameBoot && sandbox.infra !== undefined && isAlive(sandbox.infra),
    containers: containersOf(record).map(({ name, kind }) => ({
      name,
      kind,
      attempts: attemptNumbers(paths, name).flatMap((n) =>
        attemptView(attemptPaths(paths, name, n), sameBoot),
      ),
    })),
    sameBoot,
  };
}

function attemptView(paths: ReturnType<typeof attemptPaths>, sameBoot: boolean): AttemptView[] {
  // The record before the exit: a process seen alive may have ended since, one seen dead has its exit on disk or coming.
  const record = readContainer(paths);
  if (!record) return [];
  const alive = sameBoot && (isRunning(record) || isMonitored(record));
  const exit = readExit(paths);
  return [{ record, ...(exit ? { exit } : {}), alive: alive && !exit }];
}

/** The process may be gone and its exit not yet on disk: as long as the monitor is there, it is about to be. */
function isMonitored(record: ContainerRecord): boolean {
  return record.monitor !== undefined && isAlive(record.monitor);
}

function containersOf(record: PodRecord): Pick<ContainerView, "name" | "kind">[] {
  const spec = record.pod.spec;
  return [
    ...(spec?.initContainers ?? []).map(({ name }) => ({ name, kind: "init" as const })),
    ...(spec?.containers ?? []).map(({ name }) => ({ name, kind: "app" as const })),
  ];
}

/** A pod that another command is making, before its sandbox record is written. */
export function freshSandbox(): SandboxRecord {
  return { schema: 1, phase: "creating", namespaces: {}, ip: "", hostIP: "", ports: [], cgroup: "" };
}
