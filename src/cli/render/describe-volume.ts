import type { DownwardAPIVolumeFile, Volume } from "../../manifest/index.ts";
import type { Field } from "./fields.ts";

/** One volume as `kubectl describe` shows it, its fields so many spaces further in. */
export function volumeField(volume: Volume, indent = 2): Field {
  return [volume.name, sourceFields(volume), indent];
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
      ["HostPathType", hostPath.type ?? "<none>"],
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
  const { downwardAPI, projected, ephemeral, image } = volume;
  if (downwardAPI) {
    return [
      ["Type", "DownwardAPI (a volume populated by information about the pod)"],
      ["Items", (downwardAPI.items ?? []).map((item): Field => `${origin(item)} -> ${item.path}`)],
    ];
  }
  if (projected) {
    return [
      ["Type", "Projected (a volume that contains injected data from multiple sources)"],
      ...(projected.sources ?? []).flatMap((source): Field[] => [
        ...(source.secret ? named("SecretName", source.secret) : []),
        ...(source.configMap ? named("ConfigMapName", source.configMap) : []),
        ...(source.downwardAPI ? [["DownwardAPI", "true"] satisfies Field] : []),
      ]),
    ];
  }
  if (ephemeral) {
    const { accessModes = [], resources } = ephemeral.volumeClaimTemplate?.spec ?? {};
    return [
      [
        "Type",
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
      ],
      ["Capacity", resources?.requests?.storage ?? ""],
      ["Access Modes", accessModes.join(",")],
    ];
  }
  if (image) {
    return [
      ["Type", "Image (a container image or OCI artifact)"],
      ["Reference", image.reference ?? ""],
      ["PullPolicy", image.pullPolicy ?? ""],
    ];
  }
  const kind = Object.keys(volume).find((key) => key !== "name") ?? "emptyDir";
  return [["Type", kind]];
}

function named(label: string, source: { name?: string; optional?: boolean }): Field[] {
  return [
    [label, source.name ?? ""],
    ["Optional", String(source.optional === true)],
  ];
}

function origin({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile): string {
  return fieldRef?.fieldPath ?? resourceFieldRef?.resource ?? "";
}
