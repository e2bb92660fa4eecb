import { posix } from "node:path";
import { ExitCode, TspodError } from "../errors/tspod-error.ts";
import { MOUNT_ATTR_RDONLY, MS_PRIVATE, MS_SHARED, MS_SLAVE } from "../kernel/constants.ts";
import { type Container, expand, references, type VolumeMount } from "../manifest/index.ts";
import type { ContainerOp } from "./container-op.ts";
import type { MountFacts, PlannedVolume } from "./volume/planned.ts";

export interface MountsInput {
  container: Container;
  volumes: ReadonlyMap<string, PlannedVolume>;
  /** For `subPathExpr`. */
  env: ReadonlyMap<string, string>;
  /** Generated files: container path → host path (/etc/hosts and the like); a volume mounted there wins. */
  generated: ReadonlyMap<string, string>;
  mounts: MountFacts;
}

type Bind = Extract<ContainerOp, { op: "bind" }>;

export interface VolumeMounts {
  /** To be done while the mounts are still tied to the host's. */
  sources: ContainerOp[];
  binds: ContainerOp[];
}

/** Descriptors of `tree` ops, above all that the helper opens by itself. */
const FIRST_TREE = 64;

/** The CRI's own files; /etc/hosts is the kubelet's, which mounts it writable always. */
const GO_WITH_ROOT: readonly string[] = ["/etc/hostname", "/etc/resolv.conf"];

/** The container's volumes and generated files, outer targets before those inside them. */
export function volumeMounts(input: MountsInput): VolumeMounts {
  const { container, generated } = input;
  const binds: Bind[] = [];
  const sources: ContainerOp[] = [];
  const taken = new Set<string>();
  const readOnlyRoot = container.securityContext?.readOnlyRootFilesystem === true;
  for (const mount of container.volumeMounts ?? []) {
    const target = normalise(mount.mountPath);
    refuseProc(container.name, target);
    taken.add(target);
    const bind = volumeBind(mount, target, input);
    refuseUnshared(mount, bind, input);
    binds.push(bind);
    if (mount.mountPropagation !== "Bidirectional") continue;
    bind.tree = FIRST_TREE + sources.length;
    const { source, subPath, createSubPath, recursive } = bind;
    sources.push({ op: "tree", fd: bind.tree, source, subPath, createSubPath, recursive });
  }
  for (const [target, source] of generated) {
    if (taken.has(target)) continue;
    const set = readOnlyRoot && GO_WITH_ROOT.includes(target) ? MOUNT_ATTR_RDONLY : 0;
    binds.push({ ...plainBind(source, target), propagation: MS_PRIVATE, set });
  }
  const depth = ({ target }: Bind) => target.split("/").length;
  return { sources, binds: binds.sort((a, b) => depth(a) - depth(b)) };
}

/** Whether any mount of the container wants to see, or to send, mounts. */
export function wantsPropagation(container: Container): boolean {
  return (container.volumeMounts ?? []).some((mount) => (mount.mountPropagation ?? "None") !== "None");
}

function volumeBind(
  mount: VolumeMount,
  target: string,
  { container, volumes, env }: Pick<MountsInput, "container" | "volumes" | "env">,
): Bind {
  const volume = volumes.get(mount.name);
  if (!volume) {
    throw new TspodError({
      code: "TS3205",
      message: `container ${container.name}: volumeMounts names volume ${JSON.stringify(mount.name)}, which the pod does not have`,
      exitCode: 2,
    });
  }
  const subPath = mount.subPathExpr
    ? expandedSubPath(container.name, mount.subPathExpr, env)
    : (mount.subPath ?? "");
  refuseClimbing(container.name, subPath);
  const readOnly = volume.readOnly || mount.readOnly === true;
  return {
    op: "bind",
    source: volume.path,
    subPath,
    createSubPath: volume.createSubPath && subPath !== "",
    target,
    recursive: true,
    set: readOnly ? MOUNT_ATTR_RDONLY : 0,
    clear: 0,
    propagation: propagationOf(mount),
    // IfPossible too: every kernel that has the calls tspod needs can do it (mount_setattr, 5.12).
    attrsRecursive: readOnly && (mount.recursiveReadOnly ?? "Disabled") !== "Disabled",
    tree: -1,
  };
}

/** Propagation is the host's mount's affair: one that has no peers neither sends mounts nor receives them. */
function refuseUnshared(
  mount: VolumeMount,
  { source, subPath }: Bind,
  { container, mounts }: MountsInput,
): void {
  const wanted = mount.mountPropagation ?? "None";
  if (wanted === "None") return;
  const path = subPath === "" ? source : `${source}/${subPath}`;
  const { point, shared, slave } = mounts.at(path);
  if (shared || (wanted === "HostToContainer" && slave)) return;
  const kind = wanted === "Bidirectional" ? "shared" : "shared or slave";
  throw new TspodError({
    code: "TS3212",
    message: `container ${container.name}: volume ${JSON.stringify(mount.name)}: mountPropagation ${wanted}: path ${JSON.stringify(path)} is mounted on ${JSON.stringify(point)} but it is not a ${kind} mount`,
    hint: `\`mount --make-rshared ${point}\` makes it one for the whole machine; \`mount --bind DIR DIR && mount --make-shared DIR\` for one folder`,
    exitCode: ExitCode.hostNotAble,
  });
}

/** A variable that is not there would name a folder `$(X)`: the kubelet does not start the container. */
function expandedSubPath(container: string, expression: string, env: ReadonlyMap<string, string>): string {
  const missing = references(expression).find((name) => !env.has(name));
  if (missing === undefined) return expand(expression, env);
  throw new TspodError({
    code: "TS3208",
    message: `container ${container}: subPathExpr ${JSON.stringify(expression)}: missing value for ${JSON.stringify(missing)}`,
    hint: `give the container a variable ${missing} in env; the image's own do not count`,
    exitCode: 2,
  });
}

function plainBind(source: string, target: string): Bind {
  return {
    op: "bind",
    source,
    subPath: "",
    createSubPath: false,
    target,
    recursive: false,
    set: 0,
    clear: 0,
    propagation: 0,
    attrsRecursive: false,
    tree: -1,
  };
}

function propagationOf(mount: VolumeMount): number {
  switch (mount.mountPropagation) {
    case "HostToContainer":
      return MS_SLAVE;
    case "Bidirectional":
      return MS_SHARED;
    default:
      return MS_PRIVATE;
  }
}

/** A path of a container in its shortest form, as CRI runtimes clean it: `..` is what the text says, not what links do. */
export function normalise(path: string): string {
  return posix.resolve("/", path);
}

/** A mount over /proc could redirect what the set-up writes there (CVE-2019-19921, CVE-2025-52881). */
function refuseProc(container: string, target: string): void {
  if (target !== "/proc" && !target.startsWith("/proc/") && target !== "/") return;
  throw new TspodError({
    code: "TS3206",
    message: `container ${container}: mountPath ${JSON.stringify(target)}: nothing may be mounted on ${target === "/" ? "the root itself" : "/proc or inside it"}`,
    hint: "choose another mountPath; to see the host's processes use hostPID: true",
    exitCode: 2,
  });
}

/** Checked again by the kernel (RESOLVE_BENEATH); here for the message, and because subPathExpr is known only now. */
function refuseClimbing(container: string, subPath: string): void {
  if (!subPath.startsWith("/") && !subPath.split("/").includes("..")) return;
  throw new TspodError({
    code: "TS3207",
    message: `container ${container}: subPath ${JSON.stringify(subPath)} must be a relative path without ".."`,
    exitCode: 2,
  });
}
