import { TspodError } from "../errors/tspod-error.ts";
import type { Container, PodSpec } from "../manifest/index.ts";
import type { HostOp } from "../plan/host-op.ts";
import { containerLimits } from "./container-ops.ts";
import { cpuPeriod } from "./cpu.ts";
import type { CgroupHost } from "./host.ts";
import { type CgroupLayout, containerCgroup, podCgroup } from "./layout.ts";
import { limitOps } from "./limits.ts";
import { podLimits } from "./pod-ops.ts";
import { resourcesOf } from "./resources.ts";

export interface ResizeInput {
  layout: CgroupLayout;
  name: string;
  uid: string;
  host: CgroupHost;
  before: PodSpec;
  after: PodSpec;
  /** The running attempt of each container that runs. */
  running: ReadonlyMap<string, number>;
  /** Bytes in use that cannot be taken back, of the pod and by container; what is absent is not checked. */
  usage: { pod?: number; containers: ReadonlyMap<string, number> };
}

export interface ResizePlan {
  /** In an order that the kernel takes: what grows from the pod down, what shrinks from the containers up. */
  ops: HostOp[];
  /** Takes back what was done, however far `ops` came. */
  undo: HostOp[];
  /** Containers whose `resizePolicy` asks for a restart: they get their limits with it. */
  restart: string[];
}

/**
 * The writes that give running containers other cpu and memory, in place (KEP-1287), on v1, v2 or both. @throws TspodError
 * TS4312 for a memory limit below what is in use: the kernel would kill for it.
 */
export function planResize(input: ResizeInput): ResizePlan {
  const { before, after, running } = input;
  const containers = containersOf(after).filter(({ name }) => running.has(name));
  const restart = containers.filter((each) => wantsRestart(each, containerOf(before, each.name)));
  const pod = changes(podValues(input, before), podValues(input, after));
  const leaves = containers
    .filter((each) => !restart.includes(each))
    .map((each) => changes(leafValues(input, before, each.name), leafValues(input, after, each.name)));
  refuseBelowUsage(input, { pod, leaves: leaves.flat() });
  const grows = ({ from, to }: Change) => amount(to) > amount(from);
  const ordered = [
    ...inOrder(pod.filter(grows)),
    ...leaves.flatMap((leaf) => inOrder(leaf)),
    ...inOrder(pod.filter((each) => !grows(each))),
  ];
  const set = ({ path, because }: Change, value: string): HostOp => ({
    op: "cgroup-set",
    path,
    value,
    because,
  });
  return {
    ops: ordered.map((each) => set(each, each.to)),
    undo: [...ordered].reverse().map((each) => set(each, each.from)),
    restart: restart.map(({ name }) => name),
  };
}

interface Change {
  path: string;
  from: string;
  to: string;
  because: string;
}

type Values = Map<string, { value: string; because: string }>;

/** Memory plus swap (v1) may at no moment be below memory: it grows first and shrinks last. */
function inOrder(changes: Change[]): Change[] {
  const rank = ({ path, from, to }: Change) => {
    const swap = path.endsWith("/memory.memsw.limit_in_bytes");
    return swap === amount(to) > amount(from) ? 0 : 1;
  };
  return [...changes].sort((a, b) => rank(a) - rank(b));
}

function changes(before: Values, after: Values): Change[] {
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [from, to] = [before.get(path), after.get(path)];
    const because = to?.because ?? from?.because ?? "";
    const change = { path, from: from?.value ?? unlimited(path), to: to?.value ?? unlimited(path), because };
    return change.from === change.to ? [] : [change];
  });
}

/** What a file says that holds no limit. */
function unlimited(path: string): string {
  if (path.endsWith("/cpu.max")) return `max ${cpuPeriod}`;
  return path.endsWith("/memory.max") ? "max" : "-1";
}

/** What a value allows, to compare: `max`, -1 and 0 µs are no limit. */
function amount(value: string): number {
  const first = value.split(" ", 1)[0] as string;
  const number = Number(first);
  return first === "max" || number <= 0 ? Number.POSITIVE_INFINITY : number;
}

function podValues({ layout, name, uid, host }: ResizeInput, spec: PodSpec): Values {
  return valuesOf(limitOps(layout, podCgroup(name, uid), podLimits({ layout, name, uid, spec, host })).ops);
}

function leafValues({ layout, name, uid, running }: ResizeInput, spec: PodSpec, container: string): Values {
  const found = containerOf(spec, container);
  if (!found) return new Map();
  const attempt = running.get(container) ?? 0;
  const limits = containerLimits({ layout, name, uid, spec, container: found, attempt });
  return valuesOf(limitOps(layout, containerCgroup(name, uid, container, attempt), limits).ops);
}

function valuesOf(ops: readonly HostOp[]): Values {
  return new Map(
    ops.flatMap((op): [string, { value: string; because: string }][] =>
      op.op === "cgroup-set" ? [[op.path, { value: op.value, because: op.because }]] : [],
    ),
  );
}

function containersOf({ containers, initContainers = [] }: PodSpec): Container[] {
  return [...initContainers, ...containers];
}

function containerOf(spec: PodSpec, name: string): Container | undefined {
  return containersOf(spec).find((each) => each.name === name);
}

/** For each resource that changes, `resizePolicy` says; NotRequired is its default. */
function wantsRestart(after: Container, before: Container | undefined): boolean {
  const [was, is] = [resourcesOf(before?.resources), resourcesOf(after.resources)];
  return (after.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === "RestartContainer" &&
      (was.requests[resourceName] !== is.requests[resourceName] ||
        was.limits[resourceName] !== is.limits[resourceName]),
  );
}

function refuseBelowUsage(
  { name, uid, usage, running }: ResizeInput,
  { pod, leaves }: { pod: Change[]; leaves: Change[] },
): void {
  const limit = (found: Change[], folder: string) =>
    found.find(({ path }) => path.includes(`/${folder}/memory.`) && !path.includes("memsw"));
  const check = (change: Change | undefined, used: number | undefined, what: string) => {
    if (change === undefined || used === undefined || amount(change.to) >= used) return;
    throw new TspodError({
      code: "TS4312",
      message: `attempting to set ${what} memory limit (${change.to}) below current usage (${used})`,
      hint: "choose a higher limit, or restart the container with it: resizePolicy [{resourceName: memory, restartPolicy: RestartContainer}]",
    });
  };
  check(limit(pod, podCgroup(name, uid)), usage.pod, "pod");
  for (const [container, attempt] of running) {
    const leaf = containerCgroup(name, uid, container, attempt);
    check(limit(leaves, leaf), usage.containers.get(container), `container ${JSON.stringify(container)}`);
  }
}
