import { join } from "node:path";
import { MS_NODEV, MS_NOSUID } from "../../kernel/constants.ts";
import { type Pod, quantityInUnits } from "../../manifest/index.ts";
import type { HostOp } from "../host-op.ts";
import { fsGroupOf, type PlanVolume } from "./planned.ts";

/** A folder, or a tmpfs, that all containers of the pod share and that goes with it. */
export const planEmptyDir: PlanVolume<"emptyDir"> = (name, { medium = "", sizeLimit }, input) => {
  const fsGroup = fsGroupOf(input);
  const path = join(input.directory, `empty-dir~${name}`);
  // The kubelet gives everybody the folder (0777), and with fsGroup makes what is created in it the group's (setgid).
  const mode = fsGroup === undefined ? 0o777 : 0o2777;
  const folder: HostOp = { op: "mkdir", path, mode, ...(fsGroup === undefined ? {} : { gid: fsGroup }) };
  const volume = { name, path, readOnly: false, createSubPath: true };
  if (medium !== "Memory") {
    const warnings =
      sizeLimit === undefined
        ? []
        : [
            `volume ${JSON.stringify(name)}: sizeLimit ${sizeLimit} is not enforced: a folder on disk has no quota; medium: Memory has`,
          ];
    return { ops: [folder], volume, warnings };
  }
  const size = memorySize(sizeLimit, input.pod);
  const data = [
    `mode=${mode.toString(8)}`,
    ...(fsGroup === undefined ? [] : [`gid=${fsGroup}`]),
    ...(size ? [`size=${size}`] : []),
  ];
  const mount: HostOp = {
    op: "mount-tmpfs",
    target: path,
    flags: MS_NOSUID | MS_NODEV,
    data: data.join(","),
  };
  return { ops: [folder, mount], volume };
};

function memorySize(limit: string | undefined, pod: Pod): bigint | undefined {
  const asked = limit === undefined ? 0n : quantityInUnits(limit, "one");
  // Without a limit the kubelet sizes it by the pod's memory limit, when every container has one.
  const containers = pod.spec?.containers ?? [];
  const limits = containers.map((c) => c.resources?.limits?.memory);
  const sum = limits.every((l) => l !== undefined)
    ? limits.reduce((s, l) => s + quantityInUnits(l as string, "one"), 0n)
    : 0n;
  const bounds = [asked, sum].filter((b) => b > 0n);
  return bounds.length === 0 ? undefined : bounds.reduce((a, b) => (a < b ? a : b));
}
