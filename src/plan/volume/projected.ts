import { join } from "node:path";
import type { Volume } from "../../manifest/index.ts";
import { volumeFiles } from "./payload.ts";
import { fsGroupOf, stayInMemory, type VolumePlan, type VolumesInput } from "./planned.ts";
import { projectionOps } from "./projection.ts";

/** The kinds whose content comes from the API, by the names of the kubelet's folders. */
const FOLDERS = {
  configMap: "configmap",
  secret: "secret",
  downwardAPI: "downward-api",
  projected: "projected",
} as const;

export type ProjectedKind = keyof typeof FOLDERS;
export const PROJECTED_KINDS = Object.keys(FOLDERS) as ProjectedKind[];

/** Where the content of such a volume is. */
export function projectedPath(volume: Volume, kind: ProjectedKind, directory: string): string {
  return join(directory, `${FOLDERS[kind]}~${volume.name}`);
}

/**
 * configMap, secret, downwardAPI, projected: read-only files that are swapped as a whole. Only configMaps are on
 * disk.
 */
export function planProjected(volume: Volume, kind: ProjectedKind, input: VolumesInput): VolumePlan {
  const path = projectedPath(volume, kind, input.directory);
  const memory = kind === "configMap" ? undefined : stayInMemory(input);
  const options = { now: input.now, fsGroup: fsGroupOf(input), memory };
  return {
    ops: projectionOps(path, volumeFiles(volume, input) ?? [], options),
    volume: { name: volume.name, path, readOnly: true, createSubPath: false },
  };
}
