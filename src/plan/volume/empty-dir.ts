import { join } from "node:path";
import { podLimit } from "../../cgroup/resources.ts";
import { MS_NODEV, MS_NOSUID } from "../../kernel/constants.ts";
import { type Pod, quantityInUnits } from "../../manifest/index.ts";
import type { HostOp } from "../host-op.ts";
import { fsGroupOf, type PlanVolume, stayInMemory, type VolumesInput } from "./planned.ts";
import { setUpFailed } from "./set-up-failed.ts";

/** Where its content is. */
export function emptyDirPath(directory: string, name: string): string {
  return join(directory, `empty-dir~${name}`);
}

/** A folder, a tmpfs or huge pages that all containers of the pod share and that go with it. */
export const planEmptyDir: PlanVolume<"emptyDir"> = (name, { medium = "", sizeLimit }, input) => {
  const fsGroup = fsGroupOf(input);
  const path = emptyDirPath(input.directory, name);
  // The kubelet gives everybody the folder (0777), and with fsGroup makes what is created in it the group's (setgid).
  const mode = fsGroup === undefined ? 0o777 : 0o2777;
  const folder: HostOp = { op: "mkdir", path, mode, ...(fsGroup === undefined ? {} : { gid: fsGroup }) };
  const volume = { name, path, readOnly: false, createSubPath: true };
  // A sizeLimit of a folder on disk is watched while the pod lives (pod/ephemeral-storage.ts).
  if (medium === "") return { ops: [folder], volume };
  if (medium === "Memory") {
    const group = fsGroup === undefined ? [] : [`gid=${fsGroup}`];
    const size = memorySize(sizeLimit, input);
    const data = [`mode=${mode.toString(8)}`, ...group, `size=${size}`, ...stayInMemory(input)].join(",");
    return { ops: [folder, { op: "mount-tmpfs", target: path, flags: MS_NOSUID | MS_NODEV, data }], volume };
  }
  const limit = sizeLimit === undefined ? [] : [`size=${quantityInUnits(sizeLimit, "one")}`];
  const data = ["mode=777", `pagesize=${pageSize(name, medium, input.pod)}`, ...limit].join(",");
  // hugetlbfs takes no setgid bit among its options.
  const group: HostOp[] =
    fsGroup === undefined ? [] : [{ op: "fs-group", path, gid: fsGroup, onlyOnMismatch: false }];
  return { ops: [folder, { op: "mount-hugetlbfs", target: path, data }, ...group], volume };
};

/**
 * Bytes of the pages that the pod asks for: one size for medium HugePages, that very size for HugePages-SIZE (the kubelet's
 * rule, in its words). @throws TspodError TS3214.
 */
function pageSize(volume: string, medium: string, { spec }: Pod): bigint {
  const named = medium.startsWith("HugePages-")
    ? quantityInUnits(medium.slice("HugePages-".length), "one")
    : undefined;
  const asked = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])]
    .flatMap(({ resources }) => Object.keys({ ...resources?.limits, ...resources?.requests }))
    .filter((resource) => resource.startsWith("hugepages-"))
    .map((resource) => quantityInUnits(resource.slice("hugepages-".length), "one"));
  const sizes = [...new Set(asked)].filter((size) => named === undefined || size === named);
  if (sizes.length === 1) return sizes[0] as bigint;
  const [reason, hint] =
    sizes.length > 1
      ? [
          `medium: ${medium} can't be used if container requests multiple huge page sizes`,
          "medium: HugePages-2Mi says which",
        ]
      : [
          `medium ${medium}: hugePages storage requested, but there is no resource request for huge pages`,
          `give a container resources.limits: {hugepages-${medium.slice("HugePages-".length) || "2Mi"}: …, memory: …}`,
        ];
  throw setUpFailed(volume, reason, { code: "TS3214", hint });
}

/** The kubelet's size of a volume in memory: at most what the pod may use, which without a limit is all of the machine's. */
function memorySize(limit: string | undefined, { pod, facts }: VolumesInput): bigint {
  const asked = limit === undefined ? 0n : quantityInUnits(limit, "one");
  const allowed = pod.spec && podLimit(pod.spec, "memory")?.value;
  const bounds = [asked, BigInt(allowed ?? 0), facts.nodeMemoryBytes].filter((bytes) => bytes > 0n);
  return bounds.reduce((least, bytes) => (bytes < least ? bytes : least));
}
