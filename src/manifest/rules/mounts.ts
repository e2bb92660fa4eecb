import type { Container, PodSpec } from "../gen/types.ts";
import type { Check } from "./check.ts";
import { checkDescending, checkNoBacksteps } from "./paths.ts";

const PROPAGATIONS = ["Bidirectional", "HostToContainer", "None"];
const RECURSIVE = ["Disabled", "Enabled", "IfPossible"];

/** Rules for volumeMounts and volumeDevices of a container (ValidateVolumeMounts, ValidateVolumeDevices). */
export function checkMounts(check: Check, path: string, container: Container, spec: PodSpec): void {
  const volumes = spec.volumes ?? [];
  const names = volumes.flatMap(({ name }) => name ?? []);
  const points = new Set<string>();
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = `${path}.volumeMounts[${i}]`;
    const { name, mountPath, subPath = "", subPathExpr = "" } = mount;
    if (name === "") check.required(`${at}.name`);
    else if (name !== undefined && !names.includes(name) && !check.hasBroken("spec.volumes"))
      check.notFound(`${at}.name`, name, names, "spec.volumes");
    if (mountPath === "") check.required(`${at}.mountPath`);
    else if (mountPath !== undefined) {
      if (points.has(mountPath))
        check.invalid(`${at}.mountPath`, mountPath, "must be unique", {
          help: "another volume is mounted there: give each a path of its own",
        });
      points.add(mountPath);
      // The kubelet refuses it; Docker's "path:ro" habit is where it comes from.
      if (mountPath.includes(":"))
        check.invalid(`${at}.mountPath`, mountPath, "must not contain ':'", {
          help: "for a read-only mount write readOnly: true",
        });
      if (!mountPath.startsWith("/"))
        check.warning(
          "TS3010",
          `${at}.mountPath`,
          `"${mountPath}" is not absolute; it is taken from the root: /${mountPath}`,
        );
    }
    for (const [field, value] of [
      ["subPath", subPath],
      ["subPathExpr", subPathExpr],
    ] as const) {
      if (value === "") continue;
      checkDescending(check, `${at}.${field}`, value);
    }
    if (subPath && subPathExpr)
      check.invalid(`${at}.subPathExpr`, subPathExpr, "subPathExpr and subPath are mutually exclusive");
    check.oneOf(`${at}.mountPropagation`, mount.mountPropagation, PROPAGATIONS);
    if (mount.mountPropagation === "Bidirectional" && container.securityContext?.privileged !== true)
      check.forbidden(
        `${at}.mountPropagation`,
        "Bidirectional mount propagation is available only to privileged containers",
      );
    const recursive = mount.recursiveReadOnly;
    check.oneOf(`${at}.recursiveReadOnly`, recursive, RECURSIVE);
    if (recursive === "Enabled" || recursive === "IfPossible") {
      if (mount.readOnly !== true)
        check.forbidden(`${at}.recursiveReadOnly`, "may only be specified when readOnly is true");
      if ((mount.mountPropagation ?? "None") !== "None")
        check.forbidden(
          `${at}.recursiveReadOnly`,
          "may only be specified when mountPropagation is None or not specified",
        );
    }
  }
  if (spec.hostUsers === false && (container.volumeDevices ?? []).length > 0)
    check.forbidden(`${path}.volumeDevices`, "when `pod.Spec.HostUsers` is false");
  for (const [i, { name, devicePath }] of (container.volumeDevices ?? []).entries()) {
    if (name && !names.includes(name))
      check.notFound(`${path}.volumeDevices[${i}].name`, name, names, "spec.volumes");
    if (devicePath) checkNoBacksteps(check, `${path}.volumeDevices[${i}].devicePath`, devicePath);
  }
}
