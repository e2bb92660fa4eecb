import type { Volume } from "../../manifest/index.ts";
import type { Field } from "./fields.ts";

/** One volume as `kubectl describe` shows it. */
export function volumeFields(volume: Volume): Field[] {
  return [[volume.name, sourceFields(volume)]];
}

function sourceFields(volume: Volume): Field[] {
  const { emptyDir, hostPath, configMap, secret, persistentVolumeClaim: claim } = volume;
  if (emptyDir) {
    return [
      ["Type", "EmptyDir (a temporary directory that shares a pod's lifetime)"],
      ["Medium", emptyDir.medium ?? ""],
      ["SizeLimit", emptyDir.sizeLimit ?? "<unset>"],
    ];
  }
  if (hostPath) {
    return [
      ["Type", "HostPath (bare host directory volume)"],
      ["Path", hostPath.path],
      ["HostPathType", hostPath.type ?? ""],
    ];
  }
  if (configMap) {
    return [
      ["Type", "ConfigMap (a volume populated by a ConfigMap)"],
      ["Name", configMap.name ?? ""],
      ["Optional", String(configMap.optional === true)],
    ];
  }
  if (secret) {
    return [
      ["Type", "Secret (a volume populated by a Secret)"],
      ["SecretName", secret.secretName ?? ""],
      ["Optional", String(secret.optional === true)],
    ];
  }
  if (claim) {
    return [
      ["Type", "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"],
      ["ClaimName", claim.claimName],
      ["ReadOnly", String(claim.readOnly === true)],
    ];
  }
  const kind = Object.keys(volume).find((key) => key !== "name") ?? "emptyDir";
  return [["Type", kind]];
}
