import { join } from "node:path";
import { TspodError } from "../errors/tspod-error.ts";
import { MS_NODEV, MS_NOSUID } from "../kernel/constants.ts";
import type { ConfigMap, KeyToPath, Pod, Volume } from "../manifest/index.ts";
import { quantityInUnits } from "../manifest/index.ts";
import type { HostOp } from "./host-op.ts";

/** One volume of the pod, as containers bind it. */
export interface PlannedVolume {
  name: string;
  /** Host path of its content. */
  path: string;
  /** configMap and the like are read-only whatever the mount says (Kubernetes since 1.9.6). */
  readOnly: boolean;
  /** What a subPath names and is not there is created (as the kubelet does, but not inside projections). */
  createSubPath: boolean;
}

export interface VolumesInput {
  pod: Pod;
  configMaps: readonly ConfigMap[];
  /** Folder for volumes' content, one below it for each kind as the kubelet names them. */
  directory: string;
  /** Names the `..<time>` folder of projections. */
  now: Date;
}

export interface VolumesPlan {
  ops: HostOp[];
  volumes: Map<string, PlannedVolume>;
}

/** What must exist on the host before a container mounts the pod's volumes. */
export function planVolumes(input: VolumesInput): VolumesPlan {
  const ops: HostOp[] = [];
  const volumes = new Map<string, PlannedVolume>();
  const wanted = input.pod.spec?.volumes ?? [];
  if (wanted.length > 0) ops.push({ op: "mkdir", path: input.directory, mode: 0o711 });
  for (const volume of wanted) {
    const planned = planVolume(volume, input);
    ops.push(...planned.ops);
    volumes.set(volume.name, planned.volume);
  }
  return { ops, volumes };
}

function planVolume(volume: Volume, input: VolumesInput): { ops: HostOp[]; volume: PlannedVolume } {
  const fsGroup = input.pod.spec?.securityContext?.fsGroup;
  if (volume.emptyDir) {
    const path = join(input.directory, `empty-dir~${volume.name}`);
    // The kubelet gives everybody the folder (0777), and with fsGroup makes what is created in it the group's (setgid).
    const mode = fsGroup === undefined ? 0o777 : 0o2777;
    const folder: HostOp = { op: "mkdir", path, mode, ...(fsGroup === undefined ? {} : { gid: fsGroup }) };
    if (volume.emptyDir.medium !== "Memory")
      return { ops: [folder], volume: { name: volume.name, path, readOnly: false, createSubPath: true } };
    const size = memorySize(volume, input.pod);
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
    return {
      ops: [folder, mount],
      volume: { name: volume.name, path, readOnly: false, createSubPath: true },
    };
  }
  if (volume.hostPath) {
    const { path, type = "" } = volume.hostPath;
    const ops: HostOp[] =
      type === "DirectoryOrCreate"
        ? [{ op: "ensure-directory", path, mode: 0o755 }]
        : type === "FileOrCreate"
          ? [{ op: "ensure-file", path, mode: 0o644 }]
          : [];
    return { ops, volume: { name: volume.name, path, readOnly: false, createSubPath: true } };
  }
  if (volume.configMap) {
    const { name = "", optional, items, defaultMode = 0o644 } = volume.configMap;
    const namespace = input.pod.metadata?.namespace ?? "default";
    const found = input.configMaps.find(
      (m) => m.metadata?.name === name && (m.metadata.namespace ?? "default") === namespace,
    );
    if (!found && !optional) {
      throw new TspodError({
        code: "TS3202",
        message: `MountVolume.SetUp failed for volume ${JSON.stringify(volume.name)} : configmap ${JSON.stringify(name)} not found`,
        hint: "add the ConfigMap as another document of the file",
        exitCode: 2,
      });
    }
    const path = join(input.directory, `configmap~${volume.name}`);
    const files = configMapFiles(found, {
      items,
      defaultMode,
      optional: optional ?? false,
      volume: volume.name,
    });
    return {
      ops: projectionOps(path, files, { now: input.now, ...(fsGroup === undefined ? {} : { fsGroup }) }),
      volume: { name: volume.name, path, readOnly: true, createSubPath: false },
    };
  }
  throw new TspodError({
    code: "TS3203",
    message: `volume ${JSON.stringify(volume.name)}: this kind of volume is not supported yet`,
    exitCode: 2,
  });
}

function memorySize(volume: Volume, pod: Pod): bigint | undefined {
  const limit = volume.emptyDir?.sizeLimit;
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

/** A file of a projected volume: path relative to the volume, content in base64 so that any bytes fit into the plan. */
export interface ProjectedFile {
  path: string;
  data: Uint8Array;
  mode: number;
}

function configMapFiles(
  map: ConfigMap | undefined,
  options: { items: KeyToPath[] | undefined; defaultMode: number; optional: boolean; volume: string },
): ProjectedFile[] {
  const content = new Map<string, Uint8Array>();
  for (const [key, value] of Object.entries(map?.data ?? {})) content.set(key, Buffer.from(value, "utf8"));
  for (const [key, value] of Object.entries(map?.binaryData ?? {}))
    content.set(key, Buffer.from(value, "base64"));
  const { items, defaultMode } = options;
  if (!items) return [...content].map(([path, data]) => ({ path, data, mode: defaultMode }));
  return items.flatMap((item) => {
    const data = content.get(item.key);
    if (data) return [{ path: item.path, data, mode: item.mode ?? defaultMode }];
    if (options.optional) return [];
    throw new TspodError({
      code: "TS3204",
      message: `MountVolume.SetUp failed for volume ${JSON.stringify(options.volume)} : configmap references non-existent config key: ${item.key}`,
      exitCode: 2,
    });
  });
}

/**
 * The kubelet's atomic-writer layout: files in `..<time>`, `..data` → that folder, and each first path component
 * a link through `..data`, so that an update is one rename.
 */
export function projectionOps(
  path: string,
  files: readonly ProjectedFile[],
  { now, fsGroup }: { now: Date; fsGroup?: number },
): HostOp[] {
  // Of two items with one path the later one counts, as in the kubelet's map of the payload.
  const payload = [...new Map(files.map((file) => [file.path, file])).values()];
  const stamp = `..${now.toISOString().replace(/[-:T]/g, "_").replace(/Z$/, "").replace(".", ".000000")}`;
  const group = fsGroup === undefined ? {} : { uid: 0, gid: fsGroup };
  const folder = (at: string): HostOp => ({
    op: "mkdir",
    path: at,
    mode: fsGroup === undefined ? 0o755 : 0o2775,
    ...(fsGroup === undefined ? {} : { gid: fsGroup }),
  });
  const ops: HostOp[] = [folder(path), folder(join(path, stamp))];
  const made = new Set<string>();
  for (const file of payload) {
    const parents = file.path.split("/").slice(0, -1);
    parents.forEach((_, index) => {
      const parent = parents.slice(0, index + 1).join("/");
      if (!made.has(parent)) ops.push(folder(join(path, stamp, parent)));
      made.add(parent);
    });
    const mode = fsGroup === undefined ? file.mode : file.mode | 0o440;
    ops.push({
      op: "write-file",
      path: join(path, stamp, file.path),
      data: Buffer.from(file.data).toString("base64"),
      encoding: "base64",
      mode,
      ...group,
    });
  }
  ops.push({ op: "symlink", path: join(path, "..data"), target: stamp });
  for (const first of new Set(payload.map((file) => file.path.split("/")[0] as string))) {
    ops.push({ op: "symlink", path: join(path, first), target: `..data/${first}` });
  }
  return ops;
}
