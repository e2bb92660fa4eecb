import { isAlive } from "../kernel/process-ref.ts";
import type { Container } from "../manifest/index.ts";
import { readBootId } from "../runtime/boot.ts";
import { isRunning } from "../runtime/container.ts";
import type { Host } from "../runtime/host.ts";
import { type AttemptPaths, attemptPaths, type PodPaths, podPaths } from "../state/paths.ts";
import type { ContainerRecord, PodRecord, SandboxRecord } from "../state/record.ts";
import {
  attemptNumbers,
  podUids,
  readContainer,
  readExit,
  readHealth,
  readPod,
  readSandbox,
  readWaiting,
} from "../state/records.ts";
import { terminationMessage } from "./status/termination-message.ts";
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
    containers: containersOf(record).map((one) => containerView(paths, one, sameBoot)),
    sameBoot,
  };
}

function containerView(
  paths: PodPaths,
  { container, kind }: { container: Container; kind: ContainerView["kind"] },
  sameBoot: boolean,
): ContainerView {
  const { name } = container;
  const attempts = attemptNumbers(paths, name).flatMap((n, index, { length }) => {
    const folders = attemptPaths(paths, name, n);
    const view = attemptView(folders, sameBoot);
    // The status shows the last attempt and the one before.
    return index < length - 2 ? view : view.map((attempt) => withMessage(attempt, container, folders));
  });
  const last = attempts.at(-1);
  const waiting = last?.alive ? undefined : readWaiting(paths, name);
  const waits = waiting?.after === (last?.record.attempt ?? -1);
  return { name, kind, attempts, ...(waits ? { waiting } : {}) };
}

function attemptView(paths: AttemptPaths, sameBoot: boolean): AttemptView[] {
  // The record before the exit: a process seen alive may have ended since, one seen dead has its exit on disk or coming.
  const record = readContainer(paths);
  if (!record) return [];
  const alive = sameBoot && (isRunning(record) || isMonitored(record));
  const exit = readExit(paths);
  const health = exit ? undefined : readHealth(paths);
  return [{ record, ...(exit ? { exit } : {}), ...(health ? { health } : {}), alive: alive && !exit }];
}

function withMessage(attempt: AttemptView, container: Container, folders: AttemptPaths): AttemptView {
  const message = attempt.exit ? terminationMessage(container, attempt.exit, folders) : "";
  return message === "" ? attempt : { ...attempt, message };
}

/** The process may be gone and its exit not yet on disk: as long as the monitor is there, it is about to be. */
function isMonitored(record: ContainerRecord): boolean {
  return record.monitor !== undefined && isAlive(record.monitor);
}

function containersOf(record: PodRecord): { container: Container; kind: ContainerView["kind"] }[] {
  const spec = record.pod.spec;
  return [
    ...(spec?.initContainers ?? []).map((container) => ({ container, kind: "init" as const })),
    ...(spec?.containers ?? []).map((container) => ({ container, kind: "app" as const })),
    ...(spec?.ephemeralContainers ?? []).map((container) => ({ container, kind: "ephemeral" as const })),
  ];
}

/** A pod that another command is making, before its sandbox record is written. */
export function freshSandbox(): SandboxRecord {
  return { schema: 1, phase: "creating", namespaces: {}, ip: "", hostIP: "", ports: [], cgroup: "" };
}
