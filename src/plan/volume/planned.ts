import type { ConfigMap, PersistentVolumeClaim, Pod, Secret, Volume } from "../../manifest/index.ts";
import type { EnvFacts } from "../env.ts";
import type { HostOp } from "../host-op.ts";

/** One volume of the pod, as containers bind it. */
export interface PlannedVolume {
  name: string;
  /** Host path of its content. */
  path: string;
  /** configMap and the like are read-only whatever the mount says (Kubernetes since 1.9.6). */
  readOnly: boolean;
  /** What a subPath names and is not there is created (as the kubelet does, but not inside projections). */
  createSubPath: boolean;
  /** Its files have the ids of the pod's user namespace already: a mount of it need not be idmapped, and could not be. */
  shown?: boolean;
}

/** The objects that volumes and variables can name. */
export interface Objects {
  configMaps: readonly ConfigMap[];
  secrets: readonly Secret[];
  claims: readonly PersistentVolumeClaim[];
}

/** What the downward API tells of the pod and the machine. */
export type DownwardFacts = Omit<EnvFacts, "configMaps" | "secrets" | "envFile">;

/** What the host's mount table and folders say; asked only where that matters to a mount. */
export interface MountFacts {
  /** The mount a path is on, or will be on. */
  at(path: string): { point: string; shared: boolean; slave: boolean };
  /** Points at the path and below, one for each mount. */
  below(path: string): string[];
  /** Whether the host has something of that name, be it a link that leads nowhere. */
  has(path: string): boolean;
}

export interface VolumesInput extends Objects {
  pod: Pod;
  /** Folder for volumes' content, one below it for each kind as the kubelet names them. */
  directory: string;
  /** Folder of what outlives pods: `<lib>/volumes/<namespace>/<claim>`. */
  claimsDirectory: string;
  /** Folder of the stored claims: `<lib>/objects/persistentvolumeclaim`. */
  claimRecords: string;
  facts: DownwardFacts;
  /** Layers, top first, of the images that volumes name; by reference. */
  imageLayers: ReadonlyMap<string, readonly string[]>;
  mounts: MountFacts;
  /** Whether what is in memory could be swapped to a disk, and a tmpfs can be told not to be (its option noswap). */
  noSwap(): boolean;
  /** Names the `..<time>` folder of projections. */
  now: Date;
}

/** What one volume needs, and what containers bind of it. */
export interface VolumePlan {
  ops: HostOp[];
  volume: PlannedVolume;
  warnings?: string[];
}

/** Plans a volume of one kind; `source` is the volume's field of that name. */
export type PlanVolume<K extends keyof Volume> = (
  name: string,
  source: NonNullable<Volume[K]>,
  input: VolumesInput,
) => VolumePlan;

export function namespaceOf({ pod }: Pick<VolumesInput, "pod">): string {
  return pod.metadata?.namespace ?? "default";
}

export function fsGroupOf({ pod }: Pick<VolumesInput, "pod">): number | undefined {
  return pod.spec?.securityContext?.fsGroup;
}

/** The object of that name in the pod's namespace. */
export function findObject<T extends ConfigMap | Secret | PersistentVolumeClaim>(
  objects: readonly T[],
  name: string,
  input: Pick<VolumesInput, "pod">,
): T | undefined {
  return objects.find(
    ({ metadata }) => metadata?.name === name && (metadata.namespace ?? "default") === namespaceOf(input),
  );
}

/** tmpfs options of what is to reach no disk. */
export function stayInMemory({ noSwap }: Pick<VolumesInput, "noSwap">): string[] {
  return noSwap() ? ["noswap"] : [];
}
