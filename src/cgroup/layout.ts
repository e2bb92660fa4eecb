import { TspodError } from "../errors/tspod-error.ts";

/** The controllers tspod uses. `devices` exists on v1 only; on v2 a BPF program takes its place. */
export type Controller = "cpu" | "cpuacct" | "memory" | "pids" | "devices" | "hugetlb";

/** Where this host's cgroup hierarchies are, and what they can do. Found by `kernel/host-facts/cgroups.ts`. */
export interface CgroupLayout {
  /** hybrid: a v2 tree without the controllers that are still mounted as v1. */
  mode: "v2" | "v1" | "hybrid" | "none";
  /** Mount point of the v2 tree, or "". */
  unified: string;
  /** Controllers the v2 tree offers at its root (`cgroup.controllers`). */
  unifiedControllers: readonly string[];
  /** Mount points of v1 hierarchies by controller; controllers mounted together share one. */
  v1: Readonly<Partial<Record<Controller, string>>>;
  /** `memory.swap.max` (v2) or `memory.memsw.limit_in_bytes` (v1) is there. */
  swapLimit: boolean;
  /** Sizes of huge pages as the controller's files name them: `2MB`, `1GB`. */
  hugePageSizes: readonly string[];
  /** `cgroup.kill` is there (Linux 5.14). */
  kill: boolean;
}

/** The leaf of the holder and the monitors. No container leaf can have this name: those end in an attempt number. */
const infraLeaf = "infra";

/** A single path component as we make them. Anything else in a uid could lead out of the tree. */
const safeName = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;

function checked(name: string, what: string): string {
  if (safeName.test(name) && !name.startsWith("cgroup.")) return name;
  throw new TspodError({
    code: "TS4301",
    message: `${what} ${JSON.stringify(name)} cannot be the name of a cgroup`,
    hint: "use letters, digits, '-', '_' and '.' only",
  });
}

/** Path of a pod's cgroup below any hierarchy: `tspod/pod<uid>`. */
export function podCgroup(name: string, uid: string): string {
  return `${checked(name, "the cgroup folder")}/pod${checked(uid, "pod uid")}`;
}

/** Path of the cgroup of the holder and the monitors. */
export function infraCgroup(name: string, uid: string): string {
  return `${podCgroup(name, uid)}/${infraLeaf}`;
}

/** Path of the cgroup of one attempt of a container. */
export function containerCgroup(name: string, uid: string, container: string, attempt: number): string {
  return `${podCgroup(name, uid)}/${checked(container, "container name")}-${attempt}`;
}

/** Where a controller's files are: its v1 hierarchy, the v2 tree, or nowhere. v1 wins, as in the kernel. */
export function controllerHome(
  layout: CgroupLayout,
  controller: Controller,
): { version: 1 | 2; root: string } | undefined {
  const v1 = layout.v1[controller];
  if (v1 !== undefined) return { version: 1, root: v1 };
  if (layout.unified !== "" && layout.unifiedControllers.includes(controller)) {
    return { version: 2, root: layout.unified };
  }
  return undefined;
}

/** The hierarchy that tracks and kills: the v2 tree, or on a pure v1 host the first of its hierarchies we use. */
export function trackingRoot(layout: CgroupLayout): string {
  const root = layout.unified || v1Roots(layout, [])[0];
  if (root !== undefined && root !== "") return root;
  throw new TspodError({
    code: "TS4302",
    message: "no cgroup hierarchy is mounted",
    hint: "mount one: mount -t cgroup2 none /sys/fs/cgroup",
    exitCode: 3,
  });
}

/**
 * The v1 hierarchies tspod makes folders in, each mount once. `extra` are controllers wanted only at times.
 * `cpuacct` counts only on a pure v1 host: elsewhere the v2 tree's cpu.stat tells the same without a folder.
 */
export function v1Roots(layout: CgroupLayout, extra: readonly Controller[]): string[] {
  const wanted: Controller[] = ["pids", "memory", "cpu", "devices", ...extra];
  if (layout.unified === "") wanted.push("cpuacct");
  const roots = wanted.map((controller) => layout.v1[controller]).filter((root) => root !== undefined);
  return [...new Set(roots)];
}
