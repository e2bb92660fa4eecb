import type { HostOp } from "../host-op.ts";
import type { PlanVolume } from "./planned.ts";

/** A path of the host; its type has been checked before anything is made (pod/host-paths.ts). */
export const planHostPath: PlanVolume<"hostPath"> = (name, { path, type = "" }, { mounts }) => {
  const volume = { name, path, readOnly: false, createSubPath: true };
  const folder: HostOp = { op: "ensure-directory", path, mode: 0o755 };
  if (type === "DirectoryOrCreate") return { ops: [folder], volume };
  if (type === "FileOrCreate") return { ops: [{ op: "ensure-file", path, mode: 0o644 }], volume };
  if (type !== "" || mounts.has(path)) return { ops: [], volume };
  // Without a type nothing is checked, and then container runtimes make what is not there.
  const warning = `volume ${JSON.stringify(name)}: ${path} does not exist on this machine and is made, as a folder; \`type: Directory\` would refuse instead`;
  return { ops: [folder], volume, warnings: [warning] };
};
