import type { Container, PodSpec } from "../manifest/index.ts";
import type { HostOp } from "../plan/host-op.ts";
import { type DeviceRule, defaultDeviceRules, v1DeviceLine } from "./devices.ts";
import { deviceProgram } from "./devices-bpf.ts";
import { hugePageLimits } from "./huge-pages.ts";
import { type CgroupLayout, containerCgroup, controllerHome, trackingRoot } from "./layout.ts";
import { type CgroupLimits, limitOps, type Wanted } from "./limits.ts";
import { type CgroupEnter, limitsHugePages, podHierarchies } from "./pod-ops.ts";
import { resourcesOf } from "./resources.ts";

export interface ContainerCgroupInput {
  layout: CgroupLayout;
  name: string;
  uid: string;
  spec: PodSpec;
  container: Container;
  /** Number of this attempt, from 0. */
  attempt: number;
  /** Devices beside the default ones. */
  devices?: readonly DeviceRule[];
}

export interface ContainerCgroups {
  hostOps: HostOp[];
  enter: CgroupEnter;
  /** The leaf in the tracking tree: every process of the container. */
  kill: string;
  /** memory.events (v2) or memory.oom_control (v1), or "" where there is neither. */
  oomFile: string;
  warnings: string[];
}

/** The leaf of one attempt of a container, its limits and its devices. The pod's cgroups must be there. */
export function containerCgroupOps(input: ContainerCgroupInput): ContainerCgroups {
  const { layout, spec } = input;
  const leaf = leafOf(input);
  const roots = podHierarchies(layout, spec);
  const hostOps = roots.map(
    (root): HostOp => ({ op: "cgroup-create", path: `${root}/${leaf}`, shared: false }),
  );
  const limits = limitOps(layout, leaf, containerLimits(input));
  const devices = deviceOps(input, leaf);
  const memory = controllerHome(layout, "memory");
  const oomFile = memory?.version === 1 ? "memory.oom_control" : "memory.events";
  return {
    hostOps: [...hostOps, ...limits.ops, ...devices.ops],
    enter: {
      directory: layout.unified === "" ? "" : `${layout.unified}/${leaf}`,
      tasks: roots.filter((root) => root !== layout.unified).map((root) => `${root}/${leaf}/tasks`),
    },
    kill: `${trackingRoot(layout)}/${leaf}`,
    oomFile: memory === undefined ? "" : `${memory.root}/${leaf}/${oomFile}`,
    warnings: [...limits.warnings, ...devices.warnings],
  };
}

/** Takes one attempt's leaves away, killing what is left inside. */
export function containerCgroupRemovalOps(input: ContainerCgroupInput): HostOp[] {
  const leaf = leafOf(input);
  return podHierarchies(input.layout, input.spec).map((root) => ({
    op: "cgroup-remove",
    path: `${root}/${leaf}`,
  }));
}

function leafOf({ name, uid, container, attempt }: ContainerCgroupInput): string {
  return containerCgroup(name, uid, container.name, attempt);
}

/**
 * The kubelet's numbers for one container. A limit it lacks is the pod's own, where the pod has one, and a
 * request it lacks is its limit.
 */
export function containerLimits({ layout, spec, container }: ContainerCgroupInput): CgroupLimits {
  const { requests, limits } = resourcesOf(container.resources);
  const own = resourcesOf(spec.resources).limits;
  const field = containerField(spec, container);
  const limit = (resource: "cpu" | "memory"): Wanted | undefined => {
    if ((limits[resource] ?? 0) > 0) {
      return { value: limits[resource] ?? 0, because: `${field}.resources.limits.${resource}` };
    }
    const pod = own[resource] ?? 0;
    return pod > 0 ? { value: pod, because: `spec.resources.limits.${resource}` } : undefined;
  };
  const cpu = limit("cpu");
  const memory = limit("memory");
  const request: Wanted =
    requests.cpu === undefined && cpu !== undefined
      ? cpu
      : { value: requests.cpu ?? 0, because: `${field}.resources.requests.cpu` };
  const sizes = controllerHome(layout, "hugetlb") === undefined ? [] : layout.hugePageSizes;
  return {
    cpuRequest: request,
    ...(cpu === undefined ? {} : { cpuLimit: cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(limitsHugePages(layout, spec)
      ? { hugePages: hugePageLimits(limits, sizes, `${field}.resources.limits`) }
      : {}),
    killTogether: true,
    noSwap: true,
  };
}

/** `spec.containers[0]`, as kubectl writes it. */
function containerField(spec: PodSpec, container: Container): string {
  const lists = { containers: spec.containers, initContainers: spec.initContainers ?? [] };
  for (const [list, items] of Object.entries(lists)) {
    const index = items.findIndex((item) => item.name === container.name);
    if (index !== -1) return `spec.${list}[${index}]`;
  }
  return `spec.ephemeralContainers[${container.name}]`;
}

function deviceOps(input: ContainerCgroupInput, leaf: string): { ops: HostOp[]; warnings: string[] } {
  const { layout, container } = input;
  if (container.securityContext?.privileged === true) return { ops: [], warnings: [] };
  const rules = [...defaultDeviceRules, ...(input.devices ?? [])];
  const because = "a container sees only its own devices unless privileged";
  const v1 = layout.v1.devices;
  if (v1 !== undefined) {
    const set = (file: string, value: string): HostOp => ({
      op: "cgroup-set",
      path: `${v1}/${leaf}/${file}`,
      value,
      because,
    });
    const allow = rules.map((rule) => set("devices.allow", v1DeviceLine(rule)));
    return { ops: [set("devices.deny", "a"), ...allow], warnings: [] };
  }
  if (layout.unified !== "") {
    const path = `${layout.unified}/${leaf}`;
    return { ops: [{ op: "cgroup-devices-bpf", path, program: deviceProgram(rules) }], warnings: [] };
  }
  const warning = `container ${container.name}: this host cannot limit access to devices (no v1 devices controller and no v2 tree)`;
  return { ops: [], warnings: [warning] };
}
