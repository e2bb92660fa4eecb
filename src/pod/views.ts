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

function containerView(paths: PodPaths, of: Of, sameBoot: boolean): ContainerView {
  const { name } = of.container;
  for (;;) {
    const numbers = attemptNumbers(paths, name);
    const view = ofAttempts(paths, numbers, { ...of, sameBoot });
    // Another start takes away what the last but two have left, their messages among it.
    if (attemptNumbers(paths, name).join() === numbers.join()) return view;
  }
}

function ofAttempts(
  paths: PodPaths,
  numbers: readonly number[],
  { container, kind, sameBoot }: Of & { sameBoot: boolean },
): ContainerView {
  const { name } = container;
  const found = numbers.flatMap((n) => {
    const folders = attemptPaths(paths, name, n);
    return attemptView(folders, sameBoot).map((attempt) => ({ attempt, folders }));
  });
  // The status shows the last attempt and the one before; one that is being made has a folder and no record, and is none.
  const attempts = found.map(({ attempt, folders }, index) =>
    index < found.length - 2 ? attempt : withMessage(attempt, container, folders),
  );
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

interface Of {
  container: Container;
  kind: ContainerView["kind"];
}

function containersOf(record: PodRecord): Of[] {
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
