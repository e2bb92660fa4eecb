import { applyDefaults } from "./defaults.ts";
import type { ManifestObject } from "./object.ts";
import { applyWorkloadDefaults } from "./workload-defaults.ts";

/** An object with every default of its kind, as the API server would store it (pkg/apis/…/v1/defaults.go). */
export function asStored(one: ManifestObject): object {
  switch (one.kind) {
    case "Pod":
      return applyDefaults(one.object);
    case "ConfigMap":
      return one.object;
    case "Secret":
      return { ...one.object, type: one.object.type || "Opaque" };
    case "PersistentVolumeClaim": {
      const { spec } = one.object;
      return { ...one.object, spec: { ...spec, volumeMode: spec?.volumeMode || "Filesystem" } };
    }
    default:
      return applyWorkloadDefaults(one.object);
  }
}
