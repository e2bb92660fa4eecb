import type { PodSpec } from "../manifest/index.ts";
import { qosClass } from "../manifest/qos.ts";
import type { HostOp } from "../plan/host-op.ts";
import { type CgroupHost, podPidsLimit } from "./host.ts";
import { asksHugePages, hugePageLimits } from "./huge-pages.ts";
import {
  type CgroupLayout,
  controllerHome,
  infraCgroup,
  podCgroup,
  trackingRoot,
  v1Roots,
} from "./layout.ts";
import { type CgroupLimits, limitOps } from "./limits.ts";
import { podLimit, podResources } from "./resources.ts";

/** How a process gets into its cgroups. */
export interface CgroupEnter {
  /** v2 folder to be born in (CLONE_INTO_CGROUP), or "". */
  directory: string;
  /**
   * v1 `tasks` files: the process writes "0" to each itself, which is quick; a pid written to `cgroup.procs` from
   * outside costs 9 ms.
   */
  tasks: string[];
}

export interface PodCgroupInput {
  layout: CgroupLayout;
  /** Top folder, shared by the pods of one root: `tspod`. */
  name: string;
  uid: string;
  spec: PodSpec;
  host: CgroupHost;
}

export interface PodCgroups {
  hostOps: HostOp[];
  /** For the holder and the monitors. */
  infra: CgroupEnter;
  /** The folder that holds every process of the pod, for `kill-all`. */
  kill: string;
  warnings: string[];
}

/**
 * The pod's cgroup in each hierarchy that needs one, with the pod's limits on it, and the leaf of holder and
 * monitors.
 */
export function podCgroupOps(input: PodCgroupInput): PodCgroups {
  const { layout, name, uid } = input;
  const pod = podCgroup(name, uid);
  const tracking = trackingRoot(layout);
  const hostOps: HostOp[] = [];
  for (const root of podHierarchies(layout, input.spec)) {
    hostOps.push({ op: "cgroup-create", path: `${root}/${name}`, shared: true });
    hostOps.push({ op: "cgroup-create", path: `${root}/${pod}`, shared: false });
  }
  const controllers = delegated(layout, input.spec);
  if (controllers !== "") {
    // From the root down: a controller is there for the children only once the parent has turned it on.
    const because = "limits on the v2 tree";
    const position = hostOps.findIndex(
      (op) => op.op === "cgroup-create" && op.path === `${layout.unified}/${pod}`,
    );
    const enable = ["", `/${name}`].map(
      (folder): HostOp => ({
        op: "cgroup-set",
        path: `${layout.unified}${folder}/cgroup.subtree_control`,
        value: controllers,
        because,
      }),
    );
    hostOps.splice(position, 0, ...enable);
    hostOps.push({
      op: "cgroup-set",
      path: `${layout.unified}/${pod}/cgroup.subtree_control`,
      value: controllers,
      because,
    });
  }
  const infra = `${tracking}/${infraCgroup(name, uid)}`;
  hostOps.push({ op: "cgroup-create", path: infra, shared: false });
  const { ops, warnings } = limitOps(layout, pod, podLimits(input));
  hostOps.push(...ops);
  const v2 = tracking === layout.unified;
  return {
    hostOps,
    infra: { directory: v2 ? infra : "", tasks: v2 ? [] : [`${infra}/tasks`] },
    kill: `${tracking}/${pod}`,
    warnings,
  };
}

/**
 * Takes the pod's cgroups away, whatever is still in them, and the top folder with the last pod. Needs no memory of
 * the run.
 */
export function podCgroupRemovalOps(layout: CgroupLayout, name: string, uid: string): HostOp[] {
  const pod = podCgroup(name, uid);
  // The tracking tree first: killing there empties all the others.
  const roots = [...new Set([trackingRoot(layout), ...v1Roots(layout, ["hugetlb"])])];
  return [
    ...roots.map((root): HostOp => ({ op: "cgroup-remove", path: `${root}/${pod}` })),
    ...roots.map((root): HostOp => ({ op: "cgroup-remove-if-empty", path: `${root}/${name}` })),
  ];
}

/**
 * Hierarchies the pod needs a folder in: the tracking one first. A v1 hugetlb hierarchy is touched only for pods
 * that ask.
 */
export function podHierarchies(layout: CgroupLayout, spec: PodSpec): string[] {
  const extra = asksHugePages(podResources(spec).limits) ? (["hugetlb"] as const) : [];
  return [...new Set([trackingRoot(layout), ...v1Roots(layout, extra)])];
}

/**
 * Pods get no huge pages unless they ask; on a host without that controller on a v2 tree of limits, only pods that
 * ask are limited.
 */
export function limitsHugePages(layout: CgroupLayout, spec: PodSpec): boolean {
  return (
    asksHugePages(podResources(spec).limits) ||
    (controllerHome(layout, "hugetlb")?.version === 2 && layout.mode === "v2")
  );
}

/** The v2 controllers we hand down, as `cgroup.subtree_control` reads them. */
function delegated(layout: CgroupLayout, spec: PodSpec): string {
  const wanted = [
    "cpu",
    "memory",
    "pids",
    ...(limitsHugePages(layout, spec) ? (["hugetlb"] as const) : []),
  ] as const;
  return wanted
    .filter((controller) => controllerHome(layout, controller)?.version === 2)
    .map((controller) => `+${controller}`)
    .join(" ");
}

/** The kubelet's pod cgroup (ResourceConfigForPod): the share of all requests, and the pod's limits. */
export function podLimits({ layout, spec, host }: PodCgroupInput): CgroupLimits {
  const { requests, limits } = podResources(spec);
  const cpu = podLimit(spec, "cpu");
  const memory = podLimit(spec, "memory");
  const request = qosClass(spec) === "BestEffort" ? 0 : (requests.cpu ?? 0);
  return {
    cpuRequest: { value: request, because: "sum of the pod's requests.cpu" },
    ...(cpu === undefined ? {} : { cpuLimit: cpu }),
    ...(memory === undefined ? {} : { memory }),
    pids: { value: podPidsLimit(host), because: "tspod's limit of processes for a pod" },
    ...hugePages(layout, spec, limits),
    noSwap: true,
  };
}

function hugePages(layout: CgroupLayout, spec: PodSpec, limits: Record<string, number>): CgroupLimits {
  if (!limitsHugePages(layout, spec)) return {};
  const sizes = controllerHome(layout, "hugetlb") === undefined ? [] : layout.hugePageSizes;
  return { hugePages: hugePageLimits(limits, sizes, "spec") };
}
