import type { HostOp } from "../host-op.ts";
import type { PlanVolume } from "./planned.ts";

/** A path of the host; its type has been checked before anything is made (pod/host-paths.ts). */
export const planHostPath: PlanVolume<"hostPath"> = (name, { path, type = "" }) => {
  const ops: HostOp[] =
    type === "DirectoryOrCreate"
      ? [{ op: "ensure-directory", path, mode: 0o755 }]
      : type === "FileOrCreate"
        ? [{ op: "ensure-file", path, mode: 0o644 }]
        : [];
  return { ops, volume: { name, path, readOnly: false, createSubPath: true } };
};
