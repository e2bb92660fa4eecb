import { dnsLabelFaults } from "../formats.ts";
import type { KeyToPath, PersistentVolumeClaimTemplate, PodSpec, Volume } from "../gen/types.ts";
import { parseQuantity } from "../quantity.ts";
import { fieldsOf } from "../schema.ts";
import type { Check } from "./check.ts";
import { checkClaim } from "./config.ts";
import { checkDownwardFile, checkProjected } from "./downward.ts";
import { lowerCase } from "./meta.ts";
import { checkLocalNonReserved, checkMode, checkNoBacksteps } from "./paths.ts";

const HOST_PATH_TYPES = [
  "",
  "BlockDevice",
  "CharDevice",
  "Directory",
  "DirectoryOrCreate",
  "File",
  "FileOrCreate",
  "Socket",
];
const PULL_POLICIES = ["Always", "IfNotPresent", "Never"];

/** Rules for spec.volumes (ValidateVolumes). */
export function checkVolumes(check: Check, spec: PodSpec): void {
  const names = new Set<string>();
  for (const [i, volume] of (spec.volumes ?? []).entries()) {
    const path = `spec.volumes[${i}]`;
    if (volume.name === "") check.required(`${path}.name`);
    else if (volume.name !== undefined) {
      check.invalidAll(`${path}.name`, volume.name, dnsLabelFaults(volume.name), lowerCase(volume.name));
      if (names.has(volume.name)) check.duplicate(`${path}.name`, volume.name);
      names.add(volume.name);
    }
    checkSource(check, path, volume);
  }
}

function checkSource(check: Check, path: string, volume: Volume): void {
  const kinds = [...fieldsOf("Volume").keys()].filter(
    (kind) => kind !== "name" && volume[kind as keyof Volume] !== undefined,
  );
  for (const kind of kinds.slice(1))
    check.forbidden(`${path}.${kind}`, "may not specify more than 1 volume type", {
      help: `keep one of ${kinds.join(", ")}, and write a second volume for the other`,
    });
  if (volume.hostPath) {
    const { path: file, type } = volume.hostPath;
    if (file === "") check.required(`${path}.hostPath.path`);
    else if (file !== undefined) {
      checkNoBacksteps(check, `${path}.hostPath.path`, file);
      if (!file.startsWith("/"))
        check.invalid(`${path}.hostPath.path`, file, "must be an absolute path", {
          help: "a path on the host has no working directory: begin it with /",
        });
    }
    check.oneOf(`${path}.hostPath.type`, type, HOST_PATH_TYPES);
  }
  if (volume.emptyDir) {
    const { medium, sizeLimit } = volume.emptyDir;
    if (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n)
      check.forbidden(`${path}.emptyDir.sizeLimit`, "SizeLimit field must be a valid resource quantity");
    if (medium !== undefined && !/^HugePages/.test(medium))
      check.oneOf(`${path}.emptyDir.medium`, medium, ["", "Memory"]);
  }
  if (volume.configMap) {
    if (!volume.configMap.name) check.required(`${path}.configMap.name`);
    checkMode(check, `${path}.configMap.defaultMode`, volume.configMap.defaultMode);
    checkItems(check, `${path}.configMap.items`, volume.configMap.items);
  }
  if (volume.secret) {
    if (!volume.secret.secretName)
      check.required(`${path}.secret.secretName`, "", {
        help: "a secret volume names its secret with secretName, not name",
      });
    checkMode(check, `${path}.secret.defaultMode`, volume.secret.defaultMode);
    checkItems(check, `${path}.secret.items`, volume.secret.items);
  }
  if (volume.persistentVolumeClaim?.claimName === "")
    check.required(`${path}.persistentVolumeClaim.claimName`);
  if (volume.ephemeral) checkEphemeral(check, `${path}.ephemeral`, volume.ephemeral.volumeClaimTemplate);
  if (volume.image) {
    if (!volume.image.reference) check.required(`${path}.image.reference`);
    check.oneOf(`${path}.image.pullPolicy`, volume.image.pullPolicy, PULL_POLICIES);
  }
  if (volume.downwardAPI) {
    checkMode(check, `${path}.downwardAPI.defaultMode`, volume.downwardAPI.defaultMode);
    for (const [i, file] of (volume.downwardAPI.items ?? []).entries())
      checkDownwardFile(check, `${path}.downwardAPI.items[${i}]`, file);
  }
  if (volume.projected) checkProjected(check, `${path}.projected`, volume.projected);
}

/** A claim's template has labels and annotations; its name is the pod's and the volume's. */
function checkEphemeral(
  check: Check,
  path: string,
  template: PersistentVolumeClaimTemplate | undefined,
): void {
  if (template === undefined) {
    check.required(`${path}.volumeClaimTemplate`, "", { at: path });
    return;
  }
  for (const field of Object.keys(template.metadata ?? {}))
    if (field !== "labels" && field !== "annotations")
      check.forbidden(
        `${path}.volumeClaimTemplate.metadata.${field}`,
        "cannot be set for an ephemeral volume",
      );
  checkClaim(check.within(`${path}.volumeClaimTemplate.`), template);
}

export function checkItems(check: Check, path: string, items: KeyToPath[] = []): void {
  for (const [i, item] of items.entries()) {
    const at = `${path}[${i}]`;
    if (item.key === "") check.required(`${at}.key`);
    if (item.path === "") check.required(`${at}.path`);
    else if (item.path !== undefined) checkLocalNonReserved(check, `${at}.path`, item.path);
    checkMode(check, `${at}.mode`, item.mode);
  }
}
